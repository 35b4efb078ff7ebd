// Of the first results that say the same as far as the question goes, the latest comes first: people change their minds.
import type { Recollection } from './recall.js';

/** Only the order of so many first results changes, never which they are. */
const considered = 3;
/** The share of what an earlier result matches that a later one must match too. */
const sameShare = 0.6;
/** One word in common says too little. */
const fewestWords = 2;
/** Just above the result that is overtaken. */
const margin = 1.001;

const isQuestion = ({ item }: Recollection): boolean => /[?？]\s*$/u.test(item.text);
const isSaid = ({ item }: Recollection): boolean => item.kind === 'episode' || item.kind === 'fact';

/** Facts have no speaker: their subject is in their text. */
const sameSpeaker = (a: Recollection, b: Recollection): boolean =>
  a.item.speaker === b.item.speaker || a.item.kind === 'fact' || b.item.kind === 'fact';

/** The words matched, without the speaker's name, which is in everything they say. */
function topicOf({ item, terms }: Recollection): Recollection['terms'] {
  const speaker = item.speaker?.toLowerCase() ?? '';
  return terms.filter(({ term }) => !speaker.includes(term));
}

const sumOf = (terms: Recollection['terms']): number => terms.reduce((sum, { score }) => sum + score, 0);

function matchesTheSame(later: Recollection, earlier: Recollection): boolean {
  const words = new Set(topicOf(later).map(({ term }) => term));
  const topic = topicOf(earlier);
  const common = topic.filter(({ term }) => words.has(term));
  return common.length >= fewestWords && sumOf(common) >= sameShare * sumOf(topic);
}

const overtakes = (later: Recollection, earlier: Recollection): boolean =>
  later.item.time > earlier.item.time &&
  later.parts.validity === 1 &&
  isSaid(later) &&
  isSaid(earlier) &&
  !isQuestion(later) &&
  sameSpeaker(later, earlier) &&
  matchesTheSame(later, earlier);

/** @param results best first */
export function laterFirst(results: readonly Recollection[]): readonly Recollection[] {
  const [first, ...others] = results.slice(0, considered);
  if (first === undefined) return results;
  const winner = others
    .filter((other) => overtakes(other, first))
    .reduce((best, other) => (other.item.time > best.item.time ? other : best), first);
  if (winner === first) return results;
  const later = (margin * first.score) / winner.score;
  const lifted = { ...winner, score: winner.score * later, parts: { ...winner.parts, later } };
  return [lifted, ...results.filter((result) => result !== winner)];
}
