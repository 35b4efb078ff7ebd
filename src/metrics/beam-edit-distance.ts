// Edit distance inside a beam around the diagonal, with the alignment TER needs. Knows nothing of shifts or of words.
// Source: tercom (Snover et al. 2006), in the reading of sacreBLEU 2.6.0.
import { invariant } from '../core/errors.js';

const BEAM_WIDTH = 25;
const UNREACHED = 2 ** 30;

/** How a cell of the matrix was reached from its neighbour. */
const KEEP = 1;
const SUBSTITUTE = 2;
const DELETE = 3;
const INSERT = 4;

export interface Alignment {
  /** For each reference position the last hypothesis position before or at it; -1 before the first. */
  readonly hypothesisAt: Int32Array;
  /** 1 where the reference word is not matched. */
  readonly referenceErrors: Uint8Array;
  /** 1 where the hypothesis word is not matched. */
  readonly hypothesisErrors: Uint8Array;
}

/**
 * Edit distances of many hypotheses of one length to one reference. Keeps the matrix between calls, so that a
 * hypothesis that starts like the one before it costs only the rows that differ.
 */
export class BeamEditDistance {
  private readonly reference: Int32Array;
  private readonly length: number;
  private readonly width: number;
  /** `[length + 1, width]`: edits that turn the first i words of the hypothesis into the first j of the reference. */
  private readonly costs: Int32Array;
  private readonly operations: Uint8Array;
  /** The hypothesis whose rows the matrix holds; -1 where it holds none. */
  private readonly measured: Int32Array;

  /** @param length number of words of every hypothesis */
  constructor(reference: Int32Array, length: number) {
    this.reference = reference;
    this.length = length;
    this.width = reference.length + 1;
    this.costs = new Int32Array((length + 1) * this.width).fill(UNREACHED);
    this.operations = new Uint8Array(this.costs.length).fill(INSERT, 0, this.width);
    this.measured = new Int32Array(length).fill(-1);
    for (let j = 0; j < this.width; j++) this.costs[j] = j;
  }

  /** Number of insertions, deletions and substitutions. */
  measure(hypothesis: Int32Array): number {
    let known = 0;
    while (known < this.length && hypothesis[known] === this.measured[known]) known++;
    for (let i = known + 1; i <= this.length; i++) this.fillRow(i, hypothesis[i - 1] ?? -1);
    this.measured.set(hypothesis);
    return this.costs[this.costs.length - 1] ?? UNREACHED;
  }

  /** The columns of row `i` inside the beam: `[from, to)`. The last row reaches the end of the reference. */
  private beam(i: number): [from: number, to: number] {
    const ratio = this.length === 0 ? 1 : this.reference.length / this.length;
    const halfWidth = ratio / 2 > BEAM_WIDTH ? Math.ceil(ratio / 2 + BEAM_WIDTH) : BEAM_WIDTH;
    const diagonal = Math.floor(i * ratio);
    const to = i === this.length ? this.width : Math.min(this.width, diagonal + halfWidth);
    return [Math.max(0, diagonal - halfWidth), to];
  }

  /** Of equally cheap ways into a cell the first counts: keep or substitute, then delete, then insert. */
  private fillRow(i: number, word: number): void {
    const { costs, operations, reference, width } = this;
    const [from, to] = this.beam(i);
    for (let j = from; j < to; j++) {
      const cell = i * width + j;
      let cost = UNREACHED;
      let operation = 0;
      const above = (costs[cell - width] ?? UNREACHED) + 1;
      if (j > 0) {
        const same = word === reference[j - 1];
        const diagonal = (costs[cell - width - 1] ?? UNREACHED) + (same ? 0 : 1);
        if (diagonal < cost) [cost, operation] = [diagonal, same ? KEEP : SUBSTITUTE];
      }
      if (above < cost) [cost, operation] = [above, DELETE];
      if (j > 0) {
        const left = (costs[cell - 1] ?? UNREACHED) + 1;
        if (left < cost) [cost, operation] = [left, INSERT];
      }
      costs[cell] = cost;
      operations[cell] = operation;
    }
  }

  /** How the words of `hypothesis` line up with those of the reference. */
  align(hypothesis: Int32Array): Alignment {
    this.measure(hypothesis);
    const hypothesisAt = new Int32Array(this.reference.length);
    const referenceErrors = new Uint8Array(this.reference.length);
    const hypothesisErrors = new Uint8Array(this.length);
    let i = this.length;
    let j = this.reference.length;
    while (i > 0 || j > 0) {
      const operation = this.operations[i * this.width + j] ?? 0;
      invariant(
        operation !== 0,
        `The beam lost the path at word ${i} of the hypothesis, ${j} of the reference.`,
      );
      const wrong = operation === KEEP ? 0 : 1;
      if (operation !== DELETE) {
        hypothesisAt[j - 1] = i - 1;
        referenceErrors[j - 1] = wrong;
      }
      if (operation !== INSERT) hypothesisErrors[i - 1] = wrong;
      if (operation !== DELETE) j--;
      if (operation !== INSERT) i--;
    }
    return { hypothesisAt, referenceErrors, hypothesisErrors };
  }
}
