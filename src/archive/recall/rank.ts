// Puts candidates in order: ranks them by words, vectors and dates, fuses the ranks, and keeps sessions apart.
import type { Analyzer } from '../analysis/analyzer.js';
import type { Candidate } from './candidate.js';
import { contextScores } from './context-score.js';
import type { Selected } from './diversity.js';
import { selectDiverse } from './diversity.js';
import { fuseRanks } from './fuse.js';
import type { Query } from './query.js';
import { weightsFor } from './weights.js';

/** How a result came to its place. Ranks count from 1; a ranking that does not know the item is absent. */
export interface ScoreParts {
  /** Ranked by (score + context) * speaker * fact * (1 + 0.3 * freshness). */
  readonly text?: {
    readonly rank: number;
    /** BM25 of the item's own words. */
    readonly score: number;
    /** Added by the turns around it. */
    readonly context: number;
    /** Factor for having been said by the person the question names. */
    readonly speaker: number;
    /** Factor for being a fact. */
    readonly fact: number;
  };
  /** Ranked by similarity * speaker + 0.02 * freshness. */
  readonly vector?: { readonly rank: number; readonly similarity: number };
  /** It happened at, or speaks of, a time the question names. */
  readonly date?: { readonly rank: number };
  /** 1 for now, 1/2 for half a year ago. */
  readonly freshness: number;
  /** Sum of weight / (20 + rank) over the rankings; `rankingWeights`. */
  readonly fused: number;
  /** Factor below 1 for what something newer contradicts. */
  readonly validity: number;
  /** Factor below 1 for further results of one session. */
  readonly diversity: number;
  /** Factor above 1 for what says later what the first result said; see later-first.ts. */
  readonly later: number;
}

export interface Ranked {
  readonly candidate: Candidate;
  readonly score: number;
  readonly parts: ScoreParts;
}

/** What the searches found out about candidates. */
export interface Evidence {
  readonly textScore: (candidate: Candidate) => number;
  readonly similarity: (candidate: Candidate) => number | undefined;
}

/** Vectors of small encoders tell less than words do: they find what words miss, and seldom put it first. Found on LoCoMo. */
export const rankingWeights = { text: 1, vector: 0.7, date: 1 } as const;
const textFreshness = 0.3;
const vectorFreshness = 0.02;

/** Descending by score; candidates that score nothing are left out. Of equal ones the later comes first. */
function ranking(
  candidates: readonly Candidate[],
  scoreOf: (candidate: Candidate) => number,
): readonly Candidate[] {
  return candidates
    .map((candidate) => ({ candidate, score: scoreOf(candidate) }))
    .filter(({ score }) => score > 0)
    .sort(
      (a, b) =>
        b.score - a.score ||
        b.candidate.occurredMs - a.candidate.occurredMs ||
        b.candidate.ordinal - a.candidate.ordinal,
    )
    .map(({ candidate }) => candidate);
}

const sessionOf = ({ session, document }: Candidate): string | undefined =>
  session ?? (document === null ? undefined : `document ${document}`);

/** The best `query.limit` candidates, best first. */
export function rank(
  analyzer: Analyzer,
  query: Query,
  candidates: readonly Candidate[],
  evidence: Evidence,
): readonly Ranked[] {
  const weights = weightsFor(analyzer, query, candidates);
  const context = contextScores(candidates, evidence.textScore);
  const textTotal = (candidate: Candidate): number =>
    (evidence.textScore(candidate) + (context.get(candidate) ?? 0)) *
    weights.speaker(candidate) *
    weights.fact(candidate) *
    (1 + textFreshness * weights.freshness(candidate));
  const vectorTotal = (candidate: Candidate): number => {
    const similarity = evidence.similarity(candidate) ?? 0;
    return similarity <= 0
      ? 0
      : similarity * weights.speaker(candidate) + vectorFreshness * weights.freshness(candidate);
  };
  const byText = ranking(candidates, textTotal);
  const byVector = ranking(candidates, vectorTotal);
  const byDate = ranking(candidates, (candidate) => (candidate.dated ? 1 + textTotal(candidate) : 0));
  const fused = fuseRanks([
    { items: byText, weight: rankingWeights.text },
    { items: byVector, weight: rankingWeights.vector },
    { items: byDate, weight: rankingWeights.date },
  ]);
  const valid = new Map(
    [...fused].map(([candidate, score]) => [candidate, score * weights.validity(candidate)]),
  );

  const [textRanks, vectorRanks, dateRanks] = [byText, byVector, byDate].map(
    (list) => new Map(list.map((candidate, i) => [candidate, i + 1])),
  );
  const partsOf = ({ item, diversity }: Selected<Candidate>): ScoreParts => {
    const [text, vector, date] = [textRanks?.get(item), vectorRanks?.get(item), dateRanks?.get(item)];
    return {
      ...(text !== undefined && {
        text: {
          rank: text,
          score: evidence.textScore(item),
          context: context.get(item) ?? 0,
          speaker: weights.speaker(item),
          fact: weights.fact(item),
        },
      }),
      ...(vector !== undefined && { vector: { rank: vector, similarity: evidence.similarity(item) ?? 0 } }),
      ...(date !== undefined && { date: { rank: date } }),
      freshness: weights.freshness(item),
      fused: fused.get(item) ?? 0,
      validity: weights.validity(item),
      diversity,
      later: 1,
    };
  };
  return selectDiverse(valid, sessionOf, query.limit).map((selected) => ({
    candidate: selected.item,
    score: selected.score,
    parts: partsOf(selected),
  }));
}
