// The pieces that a Unigram vocabulary is pruned from: the substrings that occur often. Knows nothing of probabilities.
import { PairTable } from './pair-table.js';
import { compareCodePoints } from './unicode.js';

/** Pieces are no longer, in code points. Source: SentencePiece, `max_sentencepiece_length`. */
const longestPiece = 16;
/** A substring that occurs less often is no piece, nor is any that contains it. */
const leastCount = 2;

/** Distinct words end to end as code points, a 0 behind each, and how often the word at each place occurs. */
export interface WordRow {
  readonly codes: Int32Array;
  readonly weights: Float64Array;
}

/** All substrings of one length that occur often enough. */
interface Level {
  /** The number of the substring that starts at each place; -1 where there is none. */
  readonly at: Int32Array;
  readonly counts: readonly number[];
  /** A place where each occurs. */
  readonly places: readonly number[];
}

/**
 * The `size` substrings of two code points and more with the highest count times length. One that is always followed by the same
 * character is left out, since the longer one says the same. Length by length: a substring can only be frequent where its two halves
 * without the first and the last character are, so that the cost follows the length of the words.
 */
export function seedPieces({ codes, weights }: WordRow, size: number): string[] {
  const seeds: { piece: string; value: number }[] = [];
  let level = firstLevel(codes, weights);
  for (let length = 1; length <= longestPiece && level.counts.length > 0; length++) {
    const { next, parents } = nextLevel(level, weights);
    const repeated = new Set(
      next.counts.flatMap((count, id) => (count === level.counts[parents[id] ?? 0] ? [parents[id]] : [])),
    );
    level.counts.forEach((count, id) => {
      if (length === 1 || (repeated.has(id) && length < longestPiece)) return;
      const place = level.places[id] ?? 0;
      seeds.push({
        piece: String.fromCodePoint(...codes.subarray(place, place + length)),
        value: count * length,
      });
    });
    level = next;
  }
  return seeds
    .sort((a, b) => b.value - a.value || compareCodePoints(a.piece, b.piece))
    .slice(0, size)
    .map(({ piece }) => piece);
}

function firstLevel(codes: Int32Array, weights: Float64Array): Level {
  const ids = new Map<number, number>();
  const [counts, places]: [number[], number[]] = [[], []];
  const at = codes.map((code, place) => {
    if (code === 0) return -1;
    const id = ids.get(code) ?? ids.size;
    if (id === ids.size) {
      ids.set(code, id);
      counts.push(0);
      places.push(place);
    }
    counts[id] = (counts[id] as number) + (weights[place] as number);
    return id;
  });
  return { at, counts, places };
}

/** Substrings that are one longer, each with the number of the one that it starts with. */
function nextLevel({ at }: Level, weights: Float64Array): { next: Level; parents: readonly number[] } {
  const pairs = new PairTable();
  const all: { count: number; place: number; parent: number }[] = [];
  const numbers = new Int32Array(at.length).fill(-1);
  for (let place = 0; place + 1 < at.length; place++) {
    const [left, right] = [at[place] as number, at[place + 1] as number];
    if (left < 0 || right < 0) continue;
    let number = pairs.get(left, right);
    if (number < 0) {
      number = all.push({ count: 0, place, parent: left }) - 1;
      pairs.set(left, right, number);
    }
    (all[number] as { count: number }).count += weights[place] as number;
    numbers[place] = number;
  }
  const kept = all.filter(({ count }) => count >= leastCount);
  const ids = new Int32Array(all.length).fill(-1);
  let id = 0;
  all.forEach(({ count }, number) => {
    if (count >= leastCount) ids[number] = id++;
  });
  return {
    next: {
      at: numbers.map((number) => (number < 0 ? -1 : (ids[number] as number))),
      counts: kept.map(({ count }) => count),
      places: kept.map(({ place }) => place),
    },
    parents: kept.map(({ parent }) => parent),
  };
}
