import { describe, expect, it } from 'vitest';
import { loadFixture } from '../../test/support/fixtures.js';
import { expectClose, expectReproduces, expectStepLowers, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import type { Tensor } from '../engine/graph.js';
import { square, sub } from '../engine/ops/arithmetic.js';
import { constant, placeholder } from '../engine/ops/constant.js';
import { gelu, geluTanh, silu } from '../engine/ops/gelu.js';
import { mean } from '../engine/ops/reduce.js';
import { relu } from '../engine/ops/unary.js';
import { float32, placeholders, typesOf } from '../engine/trace.js';
import type { FeedForwardParameters, SwiGluParameters } from './feed-forward.js';
import { FeedForward, SwiGlu } from './feed-forward.js';
import { initialize } from './initializers.js';

const input = initialize({ normal: 1 }, [3, 4], Random.fromSeed(7));

describe('FeedForward', () => {
  it('is down(gelu(up(x))), with the gradients of PyTorch', async () => {
    const layer = new FeedForward({ width: 8, hiddenSize: 16 });
    await expectReproduces(
      loadFixture('feed-forward-gelu'),
      ['x'],
      (parameters: FeedForwardParameters<Tensor>, { x }) => layer.apply(parameters, x as Tensor),
    );
  });

  it.each([
    ['gelu', gelu],
    ['gelu-tanh', geluTanh],
    ['relu', relu],
    ['silu', silu],
  ] as const)('bends the hidden layer by %s', async (activation, bend) => {
    const layer = new FeedForward({ width: 1, hiddenSize: 1, activation });
    const one = { weight: constant(new TensorData('float32', [1, 1], Float32Array.of(1))) };
    const x = new TensorData('float32', [5, 1], Float32Array.of(-3, -0.5, 0, 0.5, 3));
    for (const runtime of runtimes) {
      const { actual, expected } = await evaluateOnce(
        runtime,
        (x: Tensor) => ({ actual: layer.apply({ up: one, down: one }, x), expected: bend(x) }),
        x,
      );
      expectClose(actual, expected);
    }
  });

  it('names the part that does not fit', () => {
    const layer = new FeedForward({ width: 4, hiddenSize: 16 });
    const parameters = placeholders(typesOf(layer.init(Random.fromSeed(1))), '');
    expect(() => layer.apply(parameters, placeholder(float32(2, 5), 'x'))).toThrow(
      'up: Linear(4 -> 16) got input [2, 5]: last axis must be 4.',
    );
  });

  it('draws the weights out of the hidden layer from their own initializer', () => {
    const options = { width: 4, hiddenSize: 8, weightInitializer: { normal: 0.02 } };
    const { up, down } = new FeedForward({ ...options, outputInitializer: 'zeros' }).init(Random.fromSeed(1));
    expect(up.weight.data.every((value) => value !== 0)).toBe(true);
    expect(down.weight.data.every((value) => value === 0)).toBe(true);
  });

  it('learns', async () => {
    const layer = new FeedForward({ width: 4, hiddenSize: 8 });
    await expectStepLowers(layer.init(Random.fromSeed(1)), (parameters) =>
      mean(square(sub(layer.apply(parameters, constant(input)), 1))),
    );
  });
});

describe('SwiGlu', () => {
  it('is down(silu(gate(x)) * up(x)), with the gradients of PyTorch', async () => {
    const layer = new SwiGlu({ width: 8, hiddenSize: 12 });
    await expectReproduces(
      loadFixture('feed-forward-swiglu'),
      ['x'],
      (parameters: SwiGluParameters<Tensor>, { x }) => layer.apply(parameters, x as Tensor),
    );
  });

  it('names the part that does not fit', () => {
    const layer = new SwiGlu({ width: 4, hiddenSize: 16 });
    const parameters = placeholders(typesOf(layer.init(Random.fromSeed(1))), '');
    expect(() => layer.apply(parameters, placeholder(float32(2, 5), 'x'))).toThrow(
      'gate: Linear(4 -> 16) got input [2, 5]: last axis must be 4.',
    );
  });

  it('has no biases unless asked for', () => {
    const parts = { width: 4, hiddenSize: 8 };
    expect(new SwiGlu(parts).init(Random.fromSeed(1)).gate.bias).toBeUndefined();
    expect(new SwiGlu({ ...parts, bias: true }).init(Random.fromSeed(1)).down.bias?.shape).toEqual([4]);
  });

  it('learns', async () => {
    const layer = new SwiGlu({ width: 4, hiddenSize: 8 });
    await expectStepLowers(layer.init(Random.fromSeed(1)), (parameters) =>
      mean(square(sub(layer.apply(parameters, constant(input)), 1))),
    );
  });
});
