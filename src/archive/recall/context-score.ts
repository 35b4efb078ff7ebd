// Lets turns of a conversation share in the score of those around them: an answer seldom repeats the words of its question.
import type { Candidate } from './candidate.js';

/** What a turn adds of the score of the turn that many places away. Found on LoCoMo; the neighbourhood of either best value is flat. */
export const neighbourShares: readonly { readonly distance: number; readonly share: number }[] = [
  { distance: -2, share: 0.15 },
  { distance: -1, share: 0.4 },
  { distance: 1, share: 0.2 },
  { distance: 2, share: 0.1 },
];

/** Turns of one session, or chunks of one document, of one scope. */
const threadOf = ({ scope, session, document }: Candidate): string | undefined =>
  session === null && document === null ? undefined : `${scope}/${document ?? ''}/${session ?? ''}`;

/** What the neighbours among the candidates add to each candidate's score; nothing where the candidate itself scores nothing. */
export function contextScores(
  candidates: readonly Candidate[],
  scoreOf: (candidate: Candidate) => number,
): ReadonlyMap<Candidate, number> {
  const threads = new Map<string, Map<number, Candidate>>();
  for (const candidate of candidates) {
    const thread = threadOf(candidate);
    if (thread === undefined || candidate.turn === null) continue;
    const turns = threads.get(thread);
    if (turns === undefined) threads.set(thread, new Map([[candidate.turn, candidate]]));
    else turns.set(candidate.turn, candidate);
  }
  const added = new Map<Candidate, number>();
  for (const turns of threads.values())
    for (const [turn, candidate] of turns) {
      if (scoreOf(candidate) <= 0) continue;
      let sum = 0;
      for (const { distance, share } of neighbourShares) {
        const neighbour = turns.get(turn + distance);
        if (neighbour !== undefined) sum += share * scoreOf(neighbour);
      }
      added.set(candidate, sum);
    }
  return added;
}
