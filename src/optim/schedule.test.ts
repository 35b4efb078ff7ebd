import { describe, expect, it } from 'vitest';
import { loadFixture, tensorOf } from '../../test/support/fixtures.js';
import { runOptimizer } from '../../test/support/optimize.js';
import { runtimes } from '../../test/support/reproduce.js';
import { TensorData } from '../core/tensor-data.js';
import type { DecayingScheduleOptions, Schedule } from './schedule.js';
import { constantSchedule, cosineSchedule, epochDecaySchedule, linearSchedule, rateAt } from './schedule.js';
import { sgd } from './sgd.js';

const one = { w: new TensorData('float32', [1], Float32Array.of(1)) };
const zero = { w: new TensorData('float32', [1], Float32Array.of(0)) };

/** What a parameter with gradient 1 loses in each step: the rate that the compiled step used. */
async function ratesUsed(
  runtime: (typeof runtimes)[number],
  schedule: Schedule,
  steps: number,
): Promise<number[]> {
  const gradients = Array.from({ length: steps }, () => one);
  const snapshots = await runOptimizer(runtime, sgd({ learningRate: schedule }), zero, gradients);
  const values = [0, ...snapshots.map((after) => after.get('parameters.w')?.data[0] ?? Number.NaN)];
  return values.slice(1).map((value, i) => (values[i] ?? 0) - value);
}

describe.each([
  ['schedule-constant', ({ peak }: DecayingScheduleOptions) => constantSchedule(peak)],
  ['schedule-linear', linearSchedule],
  ['schedule-cosine', cosineSchedule],
])('%s', (name, scheduleOf) => {
  const fixture = loadFixture<DecayingScheduleOptions>(name);
  const expected = Array.from(tensorOf(fixture, 'rates').data);
  const schedule = scheduleOf(fixture.options);

  it('gives the rates of the formula on the host', () => {
    expected.forEach((rate, step) => expect(rateAt(schedule, step)).toBeCloseTo(rate, 7));
  });

  it.each(runtimes)('gives the same rates inside a compiled step on $name', async (runtime) => {
    const rates = await ratesUsed(runtime, schedule, expected.length);
    expected.forEach((rate, step) => expect(rates[step]).toBeCloseTo(rate, 6));
  });
});

describe('schedules', () => {
  it('start at the peak without warm-up, and stay at the minimum in the end', () => {
    for (const schedule of [linearSchedule, cosineSchedule].map((of) => of({ peak: 2, totalSteps: 5 }))) {
      expect(rateAt(schedule, 0)).toBe(2);
      expect(rateAt(schedule, 5)).toBeCloseTo(0, 6);
      expect(rateAt(schedule, 1_000_000)).toBeCloseTo(0, 6);
    }
  });

  it('refuse a warm-up that is as long as the whole', () => {
    expect(() => cosineSchedule({ peak: 1, warmUpSteps: 10, totalSteps: 10 })).toThrow(
      'got 10 steps of warm-up and 10 in all',
    );
  });
});

describe('the schedule that falls with epochs', () => {
  const options = { peak: 1, factor: 0.5, after: 4, stepsPerEpoch: 3 };

  it('halves from the fifth epoch on, as in the small model of Zaremba et al.', () => {
    const schedule = epochDecaySchedule(options);
    const rates = Array.from({ length: 21 }, (_, step) => rateAt(schedule, step));
    const ofEpochs = [1, 1, 1, 1, 0.5, 0.25, 0.125];
    expect(rates).toEqual(ofEpochs.flatMap((rate) => [rate, rate, rate]));
  });

  it('counts steps exactly, up to the last of a long training', () => {
    const [epoch, stepsPerEpoch] = [13, 1_000_003];
    const schedule = epochDecaySchedule({ ...options, after: epoch, stepsPerEpoch });
    expect([-1, 0].map((step) => rateAt(schedule, epoch * stepsPerEpoch + step))).toEqual([1, 0.5]);
  });

  it('stays at the minimum', () => {
    expect(rateAt(epochDecaySchedule({ ...options, minimum: 0.1 }), 300)).toBeCloseTo(0.1, 7);
  });

  it.each(runtimes)('gives the same rates inside a compiled step on $name', async (runtime) => {
    const rates = await ratesUsed(runtime, epochDecaySchedule({ ...options, after: 1 }), 9);
    [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 6));
  });
});
