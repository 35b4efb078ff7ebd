import { describe, expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import type { EncoderBlockParameters } from './encoder-block.js';
import { loadFixture, parametersOf } from '../../test/support/fixtures.js';
import { expectReproduces, expectStepLowers } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { square, sub } from '../engine/ops/arithmetic.js';
import { constant, placeholder } from '../engine/ops/constant.js';
import { mean } from '../engine/ops/reduce.js';
import { float32, placeholders, typesOf } from '../engine/trace.js';
import { initialize } from '../nn/initializers.js';
import { SelfAttention } from '../nn/self-attention.js';
import { EncoderBlock } from './encoder-block.js';

interface Options {
  readonly width: number;
  readonly heads: number;
  readonly hiddenSize: number;
  readonly epsilon: number;
}

describe('EncoderBlock', () => {
  it('has the values and gradients of a pre-norm layer in PyTorch', async () => {
    const fixture = loadFixture<Options>('encoder-layer-pre-norm-padded');
    const { width, heads, hiddenSize, epsilon } = fixture.options;
    const block = new EncoderBlock({ width, heads, hiddenSize, epsilon, normOrder: 'pre' });
    await expectReproduces(
      fixture,
      ['x', 'mask'],
      (parameters: EncoderBlockParameters<Tensor>, { x, mask }) =>
        block.apply(parameters, x as Tensor, { mask }),
    );
  });

  it('has the values and gradients of a post-norm layer in PyTorch', async () => {
    const fixture = loadFixture<Options>('encoder-layer-post-norm');
    const { width, heads, hiddenSize, epsilon } = fixture.options;
    const block = new EncoderBlock({ width, heads, hiddenSize, epsilon });
    await expectReproduces(fixture, ['x'], (parameters: EncoderBlockParameters<Tensor>, { x }) =>
      block.apply(parameters, x as Tensor),
    );
  });

  it('lowers a loss in one step', async () => {
    const block = new EncoderBlock({ width: 8, heads: 2, hiddenSize: 16 });
    const [x, target] = [1, 2].map((seed) => initialize({ normal: 1 }, [2, 3, 8], Random.fromSeed(seed)));
    if (x === undefined || target === undefined) throw new Error('two inputs were made');
    await expectStepLowers(block.init(Random.fromSeed(3)), (parameters) =>
      mean(square(sub(block.apply(parameters, constant(x)), constant(target)))),
    );
  });
});

describe('SelfAttention', () => {
  it('says which mask fits, and which sizes divide', () => {
    const attention = new SelfAttention({ width: 8, heads: 2 });
    const parameters = placeholders(typesOf(attention.init(Random.fromSeed(1))), '');
    const x = placeholder(float32(2, 3, 8), 'x');
    expect(() => attention.apply(parameters, x, placeholder(float32(2, 3), 'mask'))).toThrow(
      'SelfAttention(8, 2 heads) got input [2, 3]: the mask must be bool[2, 3], true where there is a token.',
    );
    expect(() => attention.apply(parameters, placeholder(float32(2, 3, 9), 'x'))).toThrow(
      'last axis must be 8',
    );
    expect(() => new SelfAttention({ width: 8, heads: 3 })).toThrow('width 8 is not a multiple of heads 3');
  });

  it('has the parameters of the fixture', () => {
    const block = new EncoderBlock({ width: 8, heads: 2, hiddenSize: 16 });
    const fixture = parametersOf<EncoderBlockParameters<Tensor>>(loadFixture('encoder-layer-post-norm'));
    expect(typesOf(block.init(Random.fromSeed(1)))).toEqual(typesOf(fixture));
  });
});
