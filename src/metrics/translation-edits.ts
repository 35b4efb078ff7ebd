// The number of edits of TER: shifts of word sequences, found greedily, and what edit distance remains. Knows nothing of
// tokenization or of several references.
// Source: Snover et al. 2006, "A Study of Translation Edit Rate"; choice and order of the shifts: tercom, in the reading
// of sacreBLEU 2.6.0.
import { BeamEditDistance, type Alignment } from './beam-edit-distance.js';

const MAX_SHIFT_WORDS = 10;
const MAX_SHIFT_DISTANCE = 50;
const MAX_CANDIDATES = 1000;

/** Fewest edits found that turn `hypothesis` into `reference`: insertions, deletions, substitutions and shifts. */
export function translationEdits(hypothesis: readonly string[], reference: readonly string[]): number {
  if (reference.length === 0) return hypothesis.length;
  const [referenceIds, hypothesisIds] = internWords(reference, hypothesis);
  const search = new ShiftSearch(hypothesisIds, referenceIds);
  let shifts = 0;
  while (search.shiftOnce()) shifts++;
  return shifts + search.distance();
}

/** The words of both lists as numbers: equal words, equal numbers. */
function internWords(...lists: (readonly string[])[]): [Int32Array, Int32Array] {
  const ids = new Map<string, number>();
  const idOf = (word: string): number => {
    const id = ids.get(word) ?? ids.size;
    ids.set(word, id);
    return id;
  };
  const [first = [], second = []] = lists;
  return [Int32Array.from(first, idOf), Int32Array.from(second, idOf)];
}

/** `length` words of the hypothesis at `start` that equal those of the reference at `referenceStart`. */
interface Block {
  readonly start: number;
  readonly referenceStart: number;
  readonly length: number;
}

interface Shift {
  readonly start: number;
  readonly length: number;
  /** Position in the hypothesis before which the words go. */
  readonly target: number;
  /** How much the edit distance falls. */
  readonly gain: number;
}

class ShiftSearch {
  private words: Int32Array;
  private readonly reference: Int32Array;
  private readonly distances: BeamEditDistance;
  private readonly scratch: Int32Array;
  private candidates = 0;

  constructor(hypothesis: Int32Array, reference: Int32Array) {
    this.words = hypothesis;
    this.reference = reference;
    this.distances = new BeamEditDistance(reference, hypothesis.length);
    this.scratch = new Int32Array(hypothesis.length);
  }

  distance(): number {
    return this.distances.measure(this.words);
  }

  /** Makes the best shift, if there is one that helps and the search has not become too long. */
  shiftOnce(): boolean {
    const best = this.bestShift();
    if (best === undefined || best.gain <= 0 || this.candidates >= MAX_CANDIDATES) return false;
    this.words = Int32Array.from(shifted(this.words, best.start, best.length, best.target, this.scratch));
    return true;
  }

  private bestShift(): Shift | undefined {
    const before = this.distance();
    const alignment = this.distances.align(this.words);
    let best: Shift | undefined;
    for (const block of commonBlocks(this.words, this.reference)) {
      if (!isWorthShifting(block, alignment)) continue;
      for (const target of targetsOf(block, alignment)) {
        const { start, length } = block;
        const gain =
          before - this.distances.measure(shifted(this.words, start, length, target, this.scratch));
        const candidate = { start, length, target, gain };
        if (best === undefined || isBetter(candidate, best)) best = candidate;
        this.candidates++;
      }
      if (this.candidates >= MAX_CANDIDATES) break;
    }
    return best;
  }
}

/** Whether the words are wrong on both sides, and do not aim at themselves. */
function isWorthShifting({ start, referenceStart, length }: Block, alignment: Alignment): boolean {
  const { hypothesisErrors, referenceErrors, hypothesisAt } = alignment;
  if (!hypothesisErrors.subarray(start, start + length).includes(1)) return false;
  if (!referenceErrors.subarray(referenceStart, referenceStart + length).includes(1)) return false;
  const aim = hypothesisAt[referenceStart] ?? -1;
  return aim < start || aim >= start + length;
}

/** Where the words could go: before the place that their match in the reference is aligned to, and inside the match. */
function* targetsOf({ referenceStart, length }: Block, { hypothesisAt }: Alignment): Generator<number> {
  let previous = -1;
  for (let position = referenceStart - 1; position < referenceStart + length; position++) {
    const target = position === -1 ? 0 : (hypothesisAt[position] ?? -1) + 1;
    if (target !== previous) yield target;
    previous = target;
  }
}

/** tercom's ranking: the largest gain, then the longest block, then the earliest start, then the earliest target. */
function isBetter(a: Shift, b: Shift): boolean {
  if (a.gain !== b.gain) return a.gain > b.gain;
  if (a.length !== b.length) return a.length > b.length;
  if (a.start !== b.start) return a.start < b.start;
  return a.target < b.target;
}

/** All equal sequences of at most `MAX_SHIFT_WORDS` words, at most `MAX_SHIFT_DISTANCE` places apart. */
function* commonBlocks(hypothesis: Int32Array, reference: Int32Array): Generator<Block> {
  for (let start = 0; start < hypothesis.length; start++) {
    const last = Math.min(reference.length - 1, start + MAX_SHIFT_DISTANCE);
    for (
      let referenceStart = Math.max(0, start - MAX_SHIFT_DISTANCE);
      referenceStart <= last;
      referenceStart++
    ) {
      const limit = Math.min(MAX_SHIFT_WORDS, hypothesis.length - start, reference.length - referenceStart);
      for (let length = 1; length <= limit; length++) {
        if (hypothesis[start + length - 1] !== reference[referenceStart + length - 1]) break;
        yield { start, referenceStart, length };
      }
    }
  }
}

/**
 * Writes `words` to `out` with `length` of them, from `start`, moved before position `target`. A target inside the
 * block moves it right, by as many places as the target lies inside.
 */
function shifted(
  words: Int32Array,
  start: number,
  length: number,
  target: number,
  out: Int32Array,
): Int32Array {
  out.set(words);
  const block = words.subarray(start, start + length);
  if (target < start) {
    out.copyWithin(target + length, target, start);
    out.set(block, target);
  } else {
    const end = Math.min(words.length, target > start + length ? target : target + length);
    out.copyWithin(start, start + length, end);
    out.set(block, end - length);
  }
  return out;
}
