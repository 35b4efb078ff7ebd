// Counts of right answers, in all and by distance. Knows no model.
import type { RecallBatch } from '../../data/index.js';
import { ignoredTarget } from '../../data/index.js';

/** Answers at one distance, or of all. */
export interface Counts {
  readonly right: number;
  readonly asked: number;
}

/** How well a task is answered. */
export interface RecallAccuracy {
  /** Share of right answers. */
  readonly accuracy: number;
  /** Share of examples whose every answer is right. */
  readonly exact: number;
  readonly answers: number;
  /** Accuracy for ranges of distance, nearest first. */
  readonly byDistance: readonly DistanceRange[];
}

/** Answers whose distance lies in [from, to]. */
export interface DistanceRange {
  /** Tokens. */
  readonly from: number;
  readonly to: number;
  readonly accuracy: number;
  readonly answers: number;
}

/** Adds up answers, batch by batch. */
export class RecallTally {
  private readonly distances = new Map<number, { right: number; asked: number }>();
  private examples = 0;
  private exact = 0;

  /** @param predictions int32 [batch, time]: what the model answers at each place */
  add({ targets, distances }: RecallBatch, predictions: ArrayLike<number>): void {
    const [rows = 0, time = 0] = targets.shape;
    for (let row = 0; row < rows; row++) {
      let isExact = true;
      for (let i = row * time; i < (row + 1) * time; i++) {
        const target = targets.data[i];
        if (target === ignoredTarget) continue;
        const isRight = predictions[i] === target;
        isExact &&= isRight;
        this.count(distances.data[i] ?? 0, isRight);
      }
      this.examples++;
      if (isExact) this.exact++;
    }
  }

  /** @param ranges how many ranges of distance, with about as many answers each */
  result(ranges = 8): RecallAccuracy {
    const sorted = [...this.distances].sort(([a], [b]) => a - b);
    const { right, asked } = total(sorted.map(([, counts]) => counts));
    return {
      accuracy: right / asked,
      exact: this.exact / this.examples,
      answers: asked,
      byDistance: rangesOf(sorted, asked / ranges),
    };
  }

  private count(distance: number, isRight: boolean): void {
    const counts = this.distances.get(distance) ?? { right: 0, asked: 0 };
    counts.asked++;
    if (isRight) counts.right++;
    this.distances.set(distance, counts);
  }
}

function total(counts: readonly Counts[]): Counts {
  return {
    right: counts.reduce((sum, { right }) => sum + right, 0),
    asked: counts.reduce((sum, { asked }) => sum + asked, 0),
  };
}

/** Neighbouring distances joined until a range has `enough` answers. */
function rangesOf(sorted: readonly (readonly [number, Counts])[], enough: number): DistanceRange[] {
  const groups: (readonly [number, Counts])[][] = [];
  let asked = Infinity;
  for (const entry of sorted) {
    if (asked >= enough) {
      groups.push([]);
      asked = 0;
    }
    groups.at(-1)?.push(entry);
    asked += entry[1].asked;
  }
  return groups.map((group) => {
    const counts = total(group.map(([, own]) => own));
    const [from = 0, to = 0] = [group[0]?.[0], group.at(-1)?.[0]];
    return { from, to, accuracy: counts.right / counts.asked, answers: counts.asked };
  });
}
