// Quality of ranked lists: recall at k, reciprocal rank, nDCG. Knows nothing of how the lists were found.
import { DataError } from '../core/errors.js';
import { requireInteger, requireSome } from './checks.js';

/** What a search or a recommender returned for one query, and what it should have. */
export interface Ranking<T> {
  /** Best first, each item once. */
  readonly ranked: readonly T[];
  /** At least one. */
  readonly relevant: ReadonlySet<T>;
}

/**
 * Part of the relevant items that are among the first `k`.
 *
 * @throws {ConfigError} when `k` is not a positive integer
 * @throws {DataError} when nothing is relevant or an item is ranked twice
 */
export function recallAtK<T>({ ranked, relevant }: Ranking<T>, k: number): number {
  requireInteger('k', k, 1);
  requireRanking(ranked, relevant.size);
  return ranked.slice(0, k).filter((item) => relevant.has(item)).length / relevant.size;
}

/** `1 / rank` of the first relevant item; 0 where there is none. @throws {DataError} as {@link recallAtK} */
export function reciprocalRank<T>({ ranked, relevant }: Ranking<T>): number {
  requireRanking(ranked, relevant.size);
  const index = ranked.findIndex((item) => relevant.has(item));
  return index === -1 ? 0 : 1 / (index + 1);
}

/** Mean of {@link recallAtK} over the queries. @throws {DataError} also when there is no query */
export function meanRecallAtK<T>(rankings: readonly Ranking<T>[], k: number): number {
  return meanOver(rankings, (ranking) => recallAtK(ranking, k));
}

/** MRR: mean of {@link reciprocalRank} over the queries. @throws {DataError} also when there is no query */
export function meanReciprocalRank<T>(rankings: readonly Ranking<T>[]): number {
  return meanOver(rankings, reciprocalRank);
}

/** How relevant each item is to one query; items that are not listed are worth nothing. */
export interface GradedRanking<T> {
  /** Best first, each item once. */
  readonly ranked: readonly T[];
  /** At least one above 0, none below. */
  readonly grades: ReadonlyMap<T, number>;
}

export interface NdcgOptions {
  /** Number of places that count. Default: all. */
  readonly k?: number;
  /** `linear`: a grade is its gain, as in trec_eval and scikit-learn (default). `exponential`: `2^grade - 1`. */
  readonly gain?: 'linear' | 'exponential';
}

/**
 * `nDCG = DCG / DCG of the best order`, `DCG = sum over places i of gain_i / log2(i + 1)`, from 0 to 1.
 * Source: Jarvelin and Kekalainen 2002; the exponential gain: Burges et al. 2005.
 *
 * @throws {ConfigError} when `k` is not a positive integer
 * @throws {DataError} when nothing is relevant, a grade is below 0, or an item is ranked twice
 */
export function ndcg<T>({ ranked, grades }: GradedRanking<T>, options: NdcgOptions = {}): number {
  const { k = Math.max(ranked.length, grades.size), gain = 'linear' } = options;
  const gainOf = (grade: number): number => (gain === 'linear' ? grade : 2 ** grade - 1);
  const ideal = [...grades.values()].sort((a, b) => b - a);
  requireInteger('k', k, 1);
  requireRanking(ranked, ideal.filter((grade) => grade > 0).length);
  if ((ideal.at(-1) ?? 0) < 0) throw new DataError(`A grade is ${ideal.at(-1)}: grades start at 0.`);
  const discounted = (list: readonly number[]): number =>
    list.slice(0, k).reduce((total, grade, i) => total + gainOf(grade) / Math.log2(i + 2), 0);
  return discounted(ranked.map((item) => grades.get(item) ?? 0)) / discounted(ideal);
}

/** Mean of {@link ndcg} over the queries. @throws {DataError} also when there is no query */
export function meanNdcg<T>(rankings: readonly GradedRanking<T>[], options: NdcgOptions = {}): number {
  return meanOver(rankings, (ranking) => ndcg(ranking, options));
}

function requireRanking(ranked: readonly unknown[], relevantCount: number): void {
  if (relevantCount === 0)
    throw new DataError('Nothing is relevant to this query: leave it out of the mean.');
  if (new Set(ranked).size === ranked.length) return;
  const twice = ranked.find((item, i) => ranked.indexOf(item) !== i);
  throw new DataError(`"${String(twice)}" is ranked twice: each item may be ranked once.`, {
    fields: { item: twice },
  });
}

function meanOver<R>(rankings: readonly R[], score: (ranking: R) => number): number {
  requireSome('rankings', rankings);
  return rankings.reduce((total, ranking) => total + score(ranking), 0) / rankings.length;
}
