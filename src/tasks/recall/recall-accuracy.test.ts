import { describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import { associativeRecall, recallBatch } from '../../data/index.js';
import { RecallTally } from './recall-accuracy.js';

const task = associativeRecall({ vocabularySize: 64, length: 48, pairs: 5 });
const batches = [0, 1, 2].map((i) => recallBatch(task, 8, Random.fromSeed(i)));

/** The tally of answers that `answer` gives from the target and its distance. */
function tallyOf(answer: (target: number, distance: number, row: number) => number): RecallTally {
  const tally = new RecallTally();
  for (const batch of batches) {
    const { data } = batch.targets;
    tally.add(
      batch,
      Array.from(data, (target, i) => answer(target, batch.distances.data[i] ?? 0, Math.floor(i / 48))),
    );
  }
  return tally;
}

describe('the tally of recall', () => {
  it('counts what is asked and nothing else', () => {
    const { accuracy, exact, answers } = tallyOf((target) => target).result();
    expect({ accuracy, exact, answers }).toEqual({ accuracy: 1, exact: 1, answers: 3 * 8 * 5 });
    expect(tallyOf(() => -1).result().accuracy).toBe(0);
  });

  it('counts an example as exact when every answer is right', () => {
    const { accuracy, exact } = tallyOf((target, _, row) => (row < 2 ? 0 : target)).result();
    expect(exact).toBe(6 / 8);
    expect(accuracy).toBe(6 / 8);
  });

  it('tells distances apart, in ranges that leave none out and do not overlap', () => {
    const { byDistance, accuracy } = tallyOf((target, distance) => (distance <= 20 ? target : 0)).result(5);
    expect(byDistance.reduce((sum, { answers }) => sum + answers, 0)).toBe(120);
    byDistance.slice(1).forEach(({ from }, i) => expect(from).toBeGreaterThan(byDistance[i]?.to ?? 0));
    for (const range of byDistance) {
      if (range.to <= 20) expect(range.accuracy).toBe(1);
      if (range.from > 20) expect(range.accuracy).toBe(0);
    }
    const right = byDistance.reduce((sum, range) => sum + range.accuracy * range.answers, 0);
    expect(right / 120).toBeCloseTo(accuracy, 12);
  });
});
