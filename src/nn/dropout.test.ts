import { describe, expect, it } from 'vitest';
import { runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import { gradients } from '../engine/grad.js';
import type { Tensor } from '../engine/graph.js';
import { placeholder } from '../engine/ops/constant.js';
import { sum } from '../engine/ops/reduce.js';
import { float32 } from '../engine/trace.js';
import { Dropout } from './dropout.js';
import { initialize } from './initializers.js';

const ones = initialize('ones', [100, 100], Random.fromSeed(1));
const keyOf = (seed: number): TensorData => new TensorData('uint32', [2], Random.fromSeed(seed).graphKey());

describe('Dropout', () => {
  it.each(runtimes)('on $name, drops its share, and lets the rest and its gradient grow', async (runtime) => {
    const layer = new Dropout({ rate: 0.2 });
    const { output, gradient } = await evaluateOnce(
      runtime,
      (x: Tensor, key: Tensor) => {
        const output = layer.apply(x, key);
        return { output, gradient: gradients(sum(output), x) };
      },
      ones,
      keyOf(1),
    );
    const values = Array.from(output.data);
    const dropped = values.filter((value) => value === 0).length / values.length;
    expect(Math.abs(dropped - 0.2)).toBeLessThan(4 * 0.004); // four standard errors
    expect(values.every((value) => value === 0 || Math.abs(value - 1.25) < 2e-5)).toBe(true);
    expect(gradient).toEqual(output);
  });

  it.each(runtimes)(
    'on $name, drops the same elements for the same key, others for another',
    async (runtime) => {
      const layer = new Dropout({ rate: 0.5 });
      const run = (seed: number): Promise<TensorData> =>
        evaluateOnce(runtime, (x: Tensor, key: Tensor) => layer.apply(x, key), ones, keyOf(seed));
      expect(await run(1)).toEqual(await run(1));
      expect(await run(1)).not.toEqual(await run(2));
    },
  );

  it('leaves its input alone without a key, and at rate 0', () => {
    const x = placeholder(float32(3), 'x');
    expect(new Dropout({ rate: 0.5 }).apply(x)).toBe(x);
    expect(new Dropout({ rate: 0 }).apply(x, placeholder(float32(2), 'key'))).toBe(x);
  });

  it.each([1, -0.1, Number.NaN])('refuses rate %d', (rate) => {
    expect(() => new Dropout({ rate })).toThrow('it must be at least 0 and below 1');
  });
});
