import { describe, expect, it } from 'vitest';
import { loadFixture } from '../../test/support/fixtures.js';
import { expectReproduces, expectStepLowers } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import type { Tensor } from '../engine/graph.js';
import { square, sub } from '../engine/ops/arithmetic.js';
import { constant, placeholder } from '../engine/ops/constant.js';
import { mean } from '../engine/ops/reduce.js';
import { float32 } from '../engine/trace.js';
import { initialize } from './initializers.js';
import type { RmsNormParameters } from './rms-norm.js';
import { RmsNorm } from './rms-norm.js';

describe('RmsNorm', () => {
  it('divides each row by its root mean square, with the gradients of PyTorch', async () => {
    const fixture = loadFixture<{ epsilon: number }>('rms-norm');
    const layer = new RmsNorm({ width: 8, epsilon: fixture.options.epsilon });
    await expectReproduces(fixture, ['x'], (parameters: RmsNormParameters<Tensor>, { x }) =>
      layer.apply(parameters, x as Tensor),
    );
  });

  it('refuses an input of another width', () => {
    const parameters = { scale: placeholder(float32(8), 'scale') };
    expect(() => new RmsNorm({ width: 8 }).apply(parameters, placeholder(float32(2, 9), 'x'))).toThrow(
      'RmsNorm(8) got input [2, 9]: last axis must be 8.',
    );
  });

  it('learns', async () => {
    const layer = new RmsNorm({ width: 6 });
    const x = constant(initialize({ normal: 1 }, [3, 6], Random.fromSeed(1)));
    await expectStepLowers(layer.init(Random.fromSeed(1)), (parameters) =>
      mean(square(sub(layer.apply(parameters, x), 1))),
    );
  });
});
