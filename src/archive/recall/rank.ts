// Puts candidates in order: fuses the rankings by words, vectors and dates, then weighs age, contradiction and diversity.
import type { Analyzer } from '../analysis/analyzer.js';
import type { Candidate } from './candidate.js';
import { contextScores } from './context-score.js';
import { selectDiverse } from './diversity.js';
import { fuseRanks } from './fuse.js';
import type { Query } from './query.js';

/** How a result came to its place. Ranks count from 1; a ranking that does not know the item is absent. */
export interface ScoreParts {
  readonly text?: {
    readonly rank: number;
    /** BM25 of the item's own words. */
    readonly score: number;
    /** Added by the turns around it. */
    readonly context: number;
    /** Factor for having been said by the person the question names. */
    readonly speaker: number;
  };
  readonly vector?: { readonly rank: number; readonly similarity: number };
  /** It happened at, or speaks of, a time the question names. */
  readonly date?: { readonly rank: number };
  /** Sum of 1 / (60 + rank) over the rankings. */
  readonly fused: number;
  /** Factor above 1 for recent items. */
  readonly recency: number;
  /** Factor below 1 for what something newer contradicts. */
  readonly validity: number;
  /** Factor below 1 for further results of one session. */
  readonly diversity: number;
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

const namedSpeakerFactor = 1.4;
const recencyWeight = 0.03;
const halfLifeMs = 180 * 86_400_000;
const supersededFactor = 0.7;
const asksForPast =
  /\b(?:used to|formerly|previous(?:ly)?|before|back then|originally|earlier)\b|以前|之前|曾经|原来|过去/iu;

/** Speakers all of whose names' words stand in the question. */
function namedSpeakers(
  analyzer: Analyzer,
  query: Query,
  candidates: readonly Candidate[],
): ReadonlySet<string> {
  const speakers = new Set(candidates.flatMap(({ speaker }) => speaker ?? []));
  const named = [...speakers].filter((speaker) => {
    const terms = [...analyzer.analyze(speaker).terms.keys()];
    return terms.length > 0 && terms.every((term) => query.analysis.terms.has(term));
  });
  return new Set(named);
}

function recencyOf(query: Query, { occurredMs }: Candidate): number {
  const ageMs = Math.max(0, query.at.getTime() - occurredMs);
  return 1 + recencyWeight * 2 ** (-ageMs / halfLifeMs);
}

function validityOf(query: Query, { superseded }: Candidate): number {
  return superseded && !asksForPast.test(query.text) ? supersededFactor : 1;
}

/** Descending by score; candidates that score nothing are left out. Of equal ones the later comes first. */
function ranking(candidates: readonly Candidate[], scoreOf: (candidate: Candidate) => number): Candidate[] {
  return candidates
    .filter((candidate) => scoreOf(candidate) > 0)
    .sort((a, b) => scoreOf(b) - scoreOf(a) || b.occurredMs - a.occurredMs || b.ordinal - a.ordinal);
}

const rankIn = (list: readonly Candidate[]): ReadonlyMap<Candidate, number> =>
  new Map(list.map((candidate, i) => [candidate, i + 1]));

const sessionOf = ({ session, document }: Candidate): string | undefined =>
  session ?? (document === null ? undefined : `document ${document}`);

/** The best `query.limit` candidates, best first. */
export function rank(
  analyzer: Analyzer,
  query: Query,
  candidates: readonly Candidate[],
  evidence: Evidence,
): readonly Ranked[] {
  const context = contextScores(candidates, evidence.textScore);
  const named = namedSpeakers(analyzer, query, candidates);
  const speakerFactor = ({ speaker }: Candidate): number =>
    speaker !== null && named.has(speaker) ? namedSpeakerFactor : 1;
  const textTotal = (candidate: Candidate): number =>
    (evidence.textScore(candidate) + (context.get(candidate) ?? 0)) * speakerFactor(candidate);
  const dated = candidates.filter((candidate) => candidate.dated);

  const byText = ranking(candidates, textTotal);
  const byVector = ranking(candidates, (candidate) => (evidence.similarity(candidate) ?? -1) + 1);
  const byDate = ranking(dated, (candidate) => 1 + textTotal(candidate));
  const fused = fuseRanks([byText, byVector, byDate]);
  const weighed = new Map(
    [...fused].map(([candidate, score]) => [
      candidate,
      score * recencyOf(query, candidate) * validityOf(query, candidate),
    ]),
  );
  const [textRank, vectorRank, dateRank] = [byText, byVector, byDate].map(rankIn);
  return selectDiverse(weighed, sessionOf, query.limit).map(({ item, score, diversity }): Ranked => {
    const [text, vector, date] = [textRank?.get(item), vectorRank?.get(item), dateRank?.get(item)];
    const parts: ScoreParts = {
      ...(text === undefined
        ? {}
        : {
            text: {
              rank: text,
              score: evidence.textScore(item),
              context: context.get(item) ?? 0,
              speaker: speakerFactor(item),
            },
          }),
      ...(vector === undefined
        ? {}
        : { vector: { rank: vector, similarity: evidence.similarity(item) ?? 0 } }),
      ...(date === undefined ? {} : { date: { rank: date } }),
      fused: fused.get(item) ?? 0,
      recency: recencyOf(query, item),
      validity: validityOf(query, item),
      diversity,
    };
    return { candidate: item, score, parts };
  });
}
