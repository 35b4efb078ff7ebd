// BM25: how well items match a query's terms. Knows nothing of where postings come from or what is done with the scores.
import type { PostingList } from './postings.js';

/** k1 and b below the textbook's 1.2 and 0.75: turns of a conversation are short, and so are the differences between them. */
export const bm25Parameters = { k1: 0.9, b: 0.4 } as const;

/** What BM25 must know of the collection. */
export interface Collection {
  readonly itemCount: number;
  /** Mean number of terms of an item. */
  readonly meanLength: number;
}

/** idf = ln(1 + (N - n + 0.5) / (n + 0.5)). N: items, n: items with the term. Source: Robertson and Zaragoza 2009, as in Lucene. */
export function inverseDocumentFrequency(itemCount: number, withTerm: number): number {
  return Math.log(1 + (itemCount - withTerm + 0.5) / (withTerm + 0.5));
}

/** tf (k1 + 1) / (tf + k1 (1 - b + b length / meanLength)): grows with the frequency, ever more slowly. */
export function termWeight(frequency: number, length: number, meanLength: number): number {
  const { k1, b } = bm25Parameters;
  return (frequency * (k1 + 1)) / (frequency + k1 * (1 - b + (b * length) / meanLength));
}

/** The scores of a scope's items. */
export interface ItemScores {
  /** By ordinal; 0 where no term occurs. */
  readonly scores: Float32Array;
  /** The ordinals with a score above 0, rising: few of many. */
  readonly matching: Int32Array;
}

/** @param lists the posting list and the idf of each query term */
export function scoreItems(
  lists: readonly { readonly list: PostingList; readonly idf: number }[],
  nextOrdinal: number,
  meanLength: number,
): ItemScores {
  const scores = new Float32Array(nextOrdinal);
  let count = 0;
  for (const { list, idf } of lists) {
    const { ordinals, frequencies, lengths } = list;
    for (let i = 0; i < ordinals.length; i++) {
      const ordinal = ordinals[i] ?? 0;
      const score = scores[ordinal] ?? 0;
      if (score === 0) count++;
      scores[ordinal] = score + idf * termWeight(frequencies[i] ?? 0, lengths[i] ?? 0, meanLength);
    }
  }
  // Looking at all is sooner done than sorting those that match.
  const matching = new Int32Array(count);
  let found = 0;
  for (let ordinal = 0; ordinal < nextOrdinal && found < count; ordinal++)
    if (scores[ordinal] !== 0) matching[found++] = ordinal;
  return { scores, matching: matching.subarray(0, found) };
}

/** What one term adds to one item's score: 0 where it does not occur. Binary search in the rising ordinals. */
export function contribution(list: PostingList, idf: number, ordinal: number, meanLength: number): number {
  let low = 0;
  let high = list.ordinals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list.ordinals[middle] ?? 0) < ordinal) low = middle + 1;
    else high = middle;
  }
  if (list.ordinals[low] !== ordinal) return 0;
  return idf * termWeight(list.frequencies[low] ?? 0, list.lengths[low] ?? 0, meanLength);
}
