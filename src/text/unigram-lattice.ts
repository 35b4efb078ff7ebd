// All ways to cut a word into pieces: the likeliest, and one drawn at random. Knows nothing of text or files.
import type { Random } from '../core/random.js';
import { PieceTrie } from './piece-trie.js';

/** A character without a piece costs this much more than the least likely piece. Source: SentencePiece, `kUnkPenalty`. */
const unknownPenalty = 10;

/** One way to cut a word: the id of each piece (-1 for a character that has none), and where each ends. */
export interface Segmentation {
  readonly ids: readonly number[];
  /** In code points. */
  readonly ends: readonly number[];
}

/** Pieces with the logarithms of their probabilities. */
export class UnigramLattice {
  private readonly trie: PieceTrie;
  private readonly scores: ArrayLike<number>;
  private readonly unknownScore: number;

  constructor(pieces: readonly string[], scores: ArrayLike<number>) {
    this.trie = new PieceTrie(pieces);
    this.scores = scores;
    this.unknownScore = Math.min(0, ...chunkMinima(scores)) - unknownPenalty;
  }

  /** The segmentation with the highest sum of scores; of equal ones that whose last piece is longer. Kudo 2018, section 2.2. @param without a piece that is not to be used */
  best(codes: Int32Array, without = -1): Segmentation {
    const total = new Float64Array(codes.length + 1).fill(-Infinity);
    const starts = new Int32Array(codes.length + 1);
    const ids = new Int32Array(codes.length + 1);
    total[0] = 0;
    for (let start = 0; start < codes.length; start++) {
      const before = total[start] as number;
      this.eachEdge(codes, start, (id, end, score) => {
        if (before + score <= (total[end] as number) || (id === without && id >= 0)) return;
        total[end] = before + score;
        starts[end] = start;
        ids[end] = id;
      });
    }
    return traced(codes.length, (end) => [starts[end] as number, ids[end] as number]);
  }

  /**
   * A segmentation drawn with a probability proportional to that of its pieces to the power of `smoothing`: 1 draws from the model, towards
   * 0 all are equally likely. Forward filtering, backward sampling. Source: Kudo 2018, section 3.2 (with l = infinity).
   */
  sample(codes: Int32Array, random: Random, smoothing: number): Segmentation {
    const incoming = Array.from({ length: codes.length + 1 }, (): Edge[] => []);
    const total = new Float64Array(codes.length + 1).fill(-Infinity);
    total[0] = 0;
    for (let start = 0; start < codes.length; start++) {
      const before = total[start] as number;
      this.eachEdge(codes, start, (id, end, score) => {
        const weight = before + smoothing * score;
        incoming[end]?.push({ id, start, weight });
        total[end] = addLogarithms(total[end] as number, weight);
      });
    }
    return traced(codes.length, (end) => {
      const edges = incoming[end] ?? [];
      let left = random.uniform();
      const chosen =
        edges.find(({ weight }) => (left -= Math.exp(weight - (total[end] as number))) < 0) ?? edges.at(-1);
      return [chosen?.start ?? end - 1, chosen?.id ?? -1];
    });
  }

  /** Each piece at `start`, and the character alone where no piece is it. */
  private eachEdge(
    codes: Int32Array,
    start: number,
    visit: (id: number, end: number, score: number) => void,
  ): void {
    let hasSingle = false;
    for (let end = start, node = 0; end < codes.length;) {
      node = this.trie.step(node, codes[end++] as number);
      if (node < 0) break;
      const id = this.trie.pieceAt(node);
      if (id < 0) continue;
      visit(id, end, this.scores[id] as number);
      hasSingle ||= end === start + 1;
    }
    if (!hasSingle) visit(-1, start + 1, this.unknownScore);
  }
}

interface Edge {
  readonly id: number;
  readonly start: number;
  readonly weight: number;
}

/** Follows the pieces from the end of a word to its beginning. */
function traced(
  length: number,
  pieceBefore: (end: number) => readonly [start: number, id: number],
): Segmentation {
  const ids: number[] = [];
  const ends: number[] = [];
  for (let end = length; end > 0;) {
    const [start, id] = pieceBefore(end);
    ids.push(id);
    ends.push(end);
    end = start;
  }
  return { ids: ids.reverse(), ends: ends.reverse() };
}

/** log(exp(a) + exp(b)) */
export function addLogarithms(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** Minima of stretches of an array, few enough to be arguments of a function. */
function chunkMinima(values: ArrayLike<number>): number[] {
  const minima: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const chunk = i >> 12;
    minima[chunk] = Math.min(minima[chunk] ?? 0, values[i] as number);
  }
  return minima;
}
