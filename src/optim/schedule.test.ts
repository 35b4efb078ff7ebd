import { describe, expect, it } from 'vitest';
import { loadFixture, tensorOf } from '../../test/support/fixtures.js';
import { runOptimizer } from '../../test/support/optimize.js';
import { runtimes } from '../../test/support/reproduce.js';
import { TensorData } from '../core/tensor-data.js';
import type { DecayingScheduleOptions, Schedule } from './schedule.js';
import { constantSchedule, cosineSchedule, linearSchedule, rateAt } from './schedule.js';
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
