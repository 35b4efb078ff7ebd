// Estimates the probabilities of pieces from words, and which pieces can be spared. Knows nothing of where words come from.
import { PieceTrie } from './piece-trie.js';
import type { Segmentation } from './unigram-lattice.js';
import { UnigramLattice } from './unigram-lattice.js';

/** A word in code points, and how often it occurs. Short enough that probabilities do not vanish: see `longestWord`. */
export interface CountedWord {
  readonly codes: Int32Array;
  readonly count: number;
}

/** In code points. A character has a probability of at least e^-20 or so, and a double holds e^-700. */
export const longestWord = 32;

/** Pieces with the logarithms of their probabilities. */
export interface ScoredPieces {
  readonly pieces: readonly string[];
  readonly scores: readonly number[];
}

export interface ExpectedCounts {
  /** How often each piece is used, over all ways to cut each word by their probabilities. */
  readonly counts: Float64Array;
  /** Of the corpus, in nats. */
  readonly logLikelihood: number;
}

/** Called between words, so that long work can be interrupted. */
export type Pause = () => Promise<void> | undefined;

/** The E step: forward and backward sums over the lattice of each word. Source: Kudo 2018, section 3.1; Rabiner 1989, section III. */
export async function expectedCounts(
  words: readonly CountedWord[],
  { pieces, scores }: ScoredPieces,
  pause: Pause,
): Promise<ExpectedCounts> {
  const trie = new PieceTrie(pieces);
  const probabilities = Float64Array.from(scores, Math.exp);
  const counts = new Float64Array(pieces.length);
  const edges = new EdgeList();
  let logLikelihood = 0;
  for (const { codes, count } of words) {
    const forward = new Float64Array(codes.length + 1);
    forward[0] = 1;
    edges.collect(trie, codes, (start, end, id) => {
      forward[end] = (forward[end] as number) + (forward[start] as number) * (probabilities[id] as number);
    });
    const total = forward[codes.length] as number;
    logLikelihood += count * Math.log(total);
    const backward = new Float64Array(codes.length + 1);
    backward[codes.length] = 1;
    edges.eachBackwards((start, end, id) => {
      const rest = (probabilities[id] as number) * (backward[end] as number);
      backward[start] = (backward[start] as number) + rest;
      counts[id] = (counts[id] as number) + (count * (forward[start] as number) * rest) / total;
    });
    await pause();
  }
  return { counts, logLikelihood };
}

/** The edges of a lattice in the order of their starts, kept in arrays that are used again and again. */
class EdgeList {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly ids: number[] = [];
  private length = 0;

  collect(trie: PieceTrie, codes: Int32Array, visit: (start: number, end: number, id: number) => void): void {
    this.length = 0;
    for (let start = 0; start < codes.length; start++) {
      for (let end = start, node = 0; end < codes.length;) {
        node = trie.step(node, codes[end++] as number);
        if (node < 0) break;
        const id = trie.pieceAt(node);
        if (id < 0) continue;
        visit(start, end, id);
        this.starts[this.length] = start;
        this.ends[this.length] = end;
        this.ids[this.length++] = id;
      }
    }
  }

  eachBackwards(visit: (start: number, end: number, id: number) => void): void {
    for (let i = this.length - 1; i >= 0; i--) {
      visit(this.starts[i] as number, this.ends[i] as number, this.ids[i] as number);
    }
  }
}

/** Pieces that are expected less often are dropped, unless they are single characters. Source: SentencePiece, `kExpectedFrequencyThreshold`. */
const leastExpected = 0.5;

/**
 * The M step with a sparse prior: log p = digamma(count) - digamma(sum of counts). Source: SentencePiece, `RunMStep`; Liang et al. 2007,
 * "The Infinite PCFG using Hierarchical Dirichlet Processes", section 3.3.
 */
export function maximized(pieces: readonly string[], counts: Float64Array): ScoredPieces {
  const kept = pieces
    .map((piece, id) => ({ piece, count: counts[id] ?? 0 }))
    .filter(({ piece, count }) => isSingle(piece) || count >= leastExpected)
    .map(({ piece, count }) => ({ piece, count: Math.max(count, leastExpected) }));
  const sum = digamma(kept.reduce((total, { count }) => total + count, 0));
  return { pieces: kept.map(({ piece }) => piece), scores: kept.map(({ count }) => digamma(count) - sum) };
}

export function isSingle(piece: string): boolean {
  return piece.length === String.fromCodePoint(piece.codePointAt(0) ?? 0).length;
}

/** The derivative of log gamma: the recurrence up to 10, then the asymptotic series. Source: Abramowitz and Stegun 6.3.5, 6.3.18. */
export function digamma(x: number): number {
  let [value, y] = [0, x];
  for (; y < 10; y++) value -= 1 / y;
  const square = 1 / (y * y);
  const series =
    square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))));
  return value + Math.log(y) - 1 / (2 * y) - series;
}

/**
 * Keeps the single characters and, of the others, those whose loss would lower the likelihood of the corpus most: the piece would be
 * spelled by its own next best segmentation. Source: Kudo 2018, section 3.1, step 2c; SentencePiece, `PruneSentencePieces`.
 */
export async function pruned(
  words: readonly CountedWord[],
  scored: ScoredPieces,
  size: number,
  pause: Pause,
): Promise<ScoredPieces> {
  const { pieces, scores } = scored;
  const lattice = new UnigramLattice(pieces, scores);
  const uses = await usesOf(words, lattice, pieces.length, pause);
  const total = uses.reduce((sum, count) => sum + count, 0);
  const lossOf = (piece: string, id: number): number => {
    const count = uses[id] ?? 0;
    const alternative = lattice.best(
      Int32Array.from(piece, (character) => character.codePointAt(0) ?? 0),
      id,
    ).ids;
    if (isSingle(piece) || alternative.includes(-1)) return Infinity;
    if (count === 0) return -Infinity;
    const after = Math.log(total + count * (alternative.length - 1));
    const spelled = alternative.reduce((sum, part) => sum + Math.log((uses[part] ?? 0) + count) - after, 0);
    return count * (Math.log(count / total) - spelled);
  };
  const kept = pieces
    .map((piece, id) => ({ id, loss: lossOf(piece, id) }))
    .sort((a, b) => (a.loss === b.loss ? a.id - b.id : b.loss - a.loss))
    .slice(0, size)
    .map(({ id }) => id)
    .sort((a, b) => a - b);
  return { pieces: kept.map((id) => pieces[id] ?? ''), scores: kept.map((id) => scores[id] ?? 0) };
}

/** How often each piece is used when every word is cut in the likeliest way. */
async function usesOf(
  words: readonly CountedWord[],
  lattice: UnigramLattice,
  size: number,
  pause: Pause,
): Promise<Float64Array> {
  const uses = new Float64Array(size);
  for (const { codes, count } of words) {
    const { ids }: Segmentation = lattice.best(codes);
    for (const id of ids) if (id >= 0) uses[id] = (uses[id] as number) + count;
    await pause();
  }
  return uses;
}
