import { describe, expect, it } from 'vitest';
import { loadFixture, tensorOf } from '../../test/support/fixtures.js';
import { expectClose, expectReproduces, expectStepLowers, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import type { Tensor } from '../engine/graph.js';
import { square, sub } from '../engine/ops/arithmetic.js';
import { full, placeholder } from '../engine/ops/constant.js';
import { mean } from '../engine/ops/reduce.js';
import { float32 } from '../engine/trace.js';
import { initialize } from './initializers.js';
import { LearnedPositions, SinusoidalPositions } from './positions.js';

const scalar = (value: number): TensorData => new TensorData('int32', [], Int32Array.of(value));
const zeros = (...shape: number[]): TensorData => initialize('zeros', shape, Random.fromSeed(1));

describe('SinusoidalPositions', () => {
  const layer = new SinusoidalPositions({ width: 8 });

  it('adds interleaved sines and cosines, as PyTorch computes them', async () => {
    await expectReproduces(loadFixture('positions-sinusoidal'), ['x'], (_, { x }) =>
      layer.apply({}, x as Tensor),
    );
  });

  it.each(runtimes)('on $name, goes on from any position, known while tracing or not', async (runtime) => {
    const table = tensorOf(loadFixture('positions-sinusoidal'), 'positions'); // [7, 8]
    const { known, fed } = await evaluateOnce(
      runtime,
      (x: Tensor, start: Tensor) => ({ known: layer.apply({}, x, 3), fed: layer.apply({}, x, start) }),
      zeros(1, 4, 8),
      scalar(3),
    );
    const expected = new TensorData('float32', [1, 4, 8], table.data.slice(3 * 8));
    expectClose(known, expected);
    expectClose(fed, expected);
  });

  it('refuses an odd width, and inputs that are no sequences', () => {
    expect(() => new SinusoidalPositions({ width: 7 })).toThrow('must be even');
    expect(() => layer.apply({}, placeholder(float32(2, 8), 'x'))).toThrow(
      'SinusoidalPositions(8) got input [2, 8]: it must be [batch, time, width].',
    );
    expect(() => layer.apply({}, placeholder(float32(2, 3, 6), 'x'))).toThrow('last axis must be 8');
  });
});

describe('LearnedPositions', () => {
  const layer = new LearnedPositions({ maxLength: 6, width: 4 });
  const parameters = layer.init(Random.fromSeed(1));

  it.each(runtimes)(
    'on $name, adds the rows from the start on, known while tracing or not',
    async (runtime) => {
      const { known, fed } = await evaluateOnce(
        runtime,
        (weight: Tensor, x: Tensor, start: Tensor) => ({
          known: layer.apply({ weight }, x, 2),
          fed: layer.apply({ weight }, x, start),
        }),
        parameters.weight,
        zeros(1, 3, 4),
        scalar(2),
      );
      const expected = new TensorData('float32', [1, 3, 4], parameters.weight.data.slice(2 * 4, 5 * 4));
      expectClose(known, expected);
      expectClose(fed, expected);
    },
  );

  it.each(runtimes)('on $name, fails when a start fed at run time leads beyond the last', async (runtime) => {
    const run = evaluateOnce(
      runtime,
      (weight: Tensor, x: Tensor, start: Tensor) => layer.apply({ weight }, x, start),
      parameters.weight,
      zeros(1, 3, 4),
      scalar(4),
    );
    await expect(run).rejects.toThrow();
  });

  it('refuses a sequence that is longer than what was learned', () => {
    const symbols = { weight: placeholder(float32(6, 4), 'weight') };
    const refusal = 'only 6 are learned; shorten the sequence or raise maxLength.';
    expect(() => layer.apply(symbols, placeholder(float32(2, 7, 4), 'x'))).toThrow(
      `LearnedPositions(6 x 4) got input [2, 7, 4]: it would end at position 7, and ${refusal}`,
    );
    expect(() => layer.apply(symbols, placeholder(float32(2, 3, 4), 'x'), 4)).toThrow(refusal);
  });

  it('learns, the positions that it read', async () => {
    const x = full(0, 'float32', [2, 3, 4]);
    await expectStepLowers(parameters, (parameters) => mean(square(sub(layer.apply(parameters, x), 1))));
  });
});
