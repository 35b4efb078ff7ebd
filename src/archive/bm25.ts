// BM25: how well items match a query's terms. Knows nothing of where postings come from or what is done with the scores.
import type { PostingList } from './postings.js';
import { lowerBound } from './rising.js';

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

/** What a term's weight depends on beside its frequency: k1 (1 - b + b length / meanLength) as a straight line of the length. */
interface LengthNorm {
  readonly atZero: number;
  readonly perTerm: number;
}

function lengthNorm(meanLength: number): LengthNorm {
  const { k1, b } = bm25Parameters;
  return { atZero: k1 * (1 - b), perTerm: (k1 * b) / meanLength };
}

/** tf (k1 + 1) / (tf + norm): grows with the frequency, ever more slowly. */
const termWeight = (frequency: number, length: number, { atZero, perTerm }: LengthNorm): number =>
  (frequency * (bm25Parameters.k1 + 1)) / (frequency + atZero + perTerm * length);

/** A term of a query: where it occurs, and how much that tells. */
export interface ScoredTerm {
  readonly list: PostingList;
  readonly idf: number;
}

/** The scores of the items in which a term occurs: two parallel arrays in rising order of ordinals. */
export interface ItemScores {
  readonly ordinals: Uint32Array;
  readonly scores: Float32Array;
}

/**
 * So many ordinals are scored at a time, all terms of them: what is added to again and again stays in the processor's
 * nearest memory, and what takes time are the postings, however many items there are. As Lucene's BooleanScorer does.
 */
const windowSize = 8192;

/** The sums of one window. */
class Window {
  readonly #sums = new Float32Array(windowSize);
  /** A bit for each ordinal that has a sum. */
  readonly #marks = new Uint32Array(windowSize / 32);

  add(place: number, score: number): void {
    this.#marks[place >>> 5] = (this.#marks[place >>> 5] ?? 0) | (1 << (place & 31));
    this.#sums[place] = (this.#sums[place] ?? 0) + score;
  }

  /** Moves what was added to the end of `to`, in rising order. @returns the new end */
  moveTo(to: ItemScores, end: number, base: number): number {
    let at = end;
    for (let word = 0; word < this.#marks.length; word++) {
      let marks = this.#marks[word] ?? 0;
      if (marks === 0) continue;
      this.#marks[word] = 0;
      for (; marks !== 0; marks &= marks - 1) {
        const place = 32 * word + 31 - Math.clz32(marks & -marks);
        to.ordinals[at] = base + place;
        to.scores[at++] = this.#sums[place] ?? 0;
        this.#sums[place] = 0;
      }
    }
    return at;
  }
}

/** @param nextOrdinal above all ordinals of the lists */
export function scoreItems(
  terms: readonly ScoredTerm[],
  nextOrdinal: number,
  meanLength: number,
): ItemScores {
  const norm = lengthNorm(meanLength);
  const postings = terms.reduce((sum, { list }) => sum + list.ordinals.length, 0);
  const most = Math.min(postings, nextOrdinal);
  const found = { ordinals: new Uint32Array(most), scores: new Float32Array(most) };
  const sums = new Window();
  const next = new Uint32Array(terms.length);
  let count = 0;
  for (let base = 0; base < nextOrdinal; base += windowSize) {
    const end = base + windowSize;
    for (const [t, { list, idf }] of terms.entries()) {
      const { ordinals, frequencies, lengths } = list;
      let i = next[t] ?? 0;
      for (; i < ordinals.length; i++) {
        const ordinal = ordinals[i] ?? 0;
        if (ordinal >= end) break;
        sums.add(ordinal - base, idf * termWeight(frequencies[i] ?? 0, lengths[i] ?? 0, norm));
      }
      next[t] = i;
    }
    count = sums.moveTo(found, count, base);
  }
  return { ordinals: found.ordinals.subarray(0, count), scores: found.scores.subarray(0, count) };
}

/** The score of one item; 0 where no term occurs. */
export function scoreOf({ ordinals, scores }: ItemScores, ordinal: number): number {
  const i = lowerBound(ordinals, ordinal);
  return ordinals[i] === ordinal ? (scores[i] ?? 0) : 0;
}

/** What one term adds to one item's score; 0 where it does not occur. */
export function contribution({ list, idf }: ScoredTerm, ordinal: number, meanLength: number): number {
  const i = lowerBound(list.ordinals, ordinal);
  if (list.ordinals[i] !== ordinal) return 0;
  return idf * termWeight(list.frequencies[i] ?? 0, list.lengths[i] ?? 0, lengthNorm(meanLength));
}
