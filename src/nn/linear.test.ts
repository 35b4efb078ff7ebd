import { describe, expect, it } from 'vitest';
import { loadFixture } from '../../test/support/fixtures.js';
import { expectReproduces, expectStepLowers } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import type { Tensor } from '../engine/graph.js';
import { withScope } from '../engine/graph.js';
import { square, sub } from '../engine/ops/arithmetic.js';
import { full, placeholder } from '../engine/ops/constant.js';
import { mean } from '../engine/ops/reduce.js';
import { float32 } from '../engine/trace.js';
import type { LinearParameters } from './linear.js';
import { Linear } from './linear.js';

const symbolic = (...shape: number[]): Tensor => placeholder(float32(...shape), 'x');

describe('Linear', () => {
  it('is x W + b, with the gradients of PyTorch', async () => {
    const layer = new Linear({ inputSize: 8, outputSize: 6 });
    await expectReproduces(loadFixture('linear'), ['x'], (parameters: LinearParameters<Tensor>, { x }) =>
      layer.apply(parameters, x as Tensor),
    );
  });

  it('refuses an input of another width, naming the layer and its path', () => {
    const layer = new Linear({ inputSize: 512, outputSize: 64, bias: false });
    const parameters = { weight: symbolic(512, 64) };
    const message = 'Linear(512 -> 64) got input [8, 500]: last axis must be 512.';
    expect(() => layer.apply(parameters, symbolic(8, 500))).toThrow(message);
    expect(() => withScope('head', () => layer.apply(parameters, symbolic(8, 500)))).toThrow(
      `head: ${message}`,
    );
  });

  it('starts within the bound of its initializer, and with a bias of zeros', () => {
    const { weight, bias } = new Linear({ inputSize: 16, outputSize: 40 }).init(Random.fromSeed(1));
    expect(weight.shape).toEqual([16, 40]);
    expect(Math.max(...Array.from(weight.data, Math.abs))).toBeLessThanOrEqual(0.25);
    expect(bias).toEqual(new TensorData('float32', [40], new Float32Array(40)));
  });

  it('has no bias when told so', () => {
    const layer = new Linear({ inputSize: 3, outputSize: 2, bias: false });
    expect(Object.keys(layer.init(Random.fromSeed(1)))).toEqual(['weight']);
  });

  it('learns', async () => {
    const layer = new Linear({ inputSize: 4, outputSize: 3 });
    const x = full(0.5, 'float32', [2, 4]);
    await expectStepLowers(layer.init(Random.fromSeed(1)), (parameters) =>
      mean(square(sub(layer.apply(parameters, x), 1))),
    );
  });
});
