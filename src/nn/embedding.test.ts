import { describe, expect, it } from 'vitest';
import { loadFixture } from '../../test/support/fixtures.js';
import { expectClose, expectReproduces, expectStepLowers, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import type { Tensor } from '../engine/graph.js';
import { square, sub } from '../engine/ops/arithmetic.js';
import { placeholder, vector } from '../engine/ops/constant.js';
import { mean } from '../engine/ops/reduce.js';
import { float32, int32 } from '../engine/trace.js';
import type { EmbeddingParameters } from './embedding.js';
import { Embedding } from './embedding.js';

describe('Embedding', () => {
  it('picks rows, and adds up the gradients of repeated ids as PyTorch does', async () => {
    const layer = new Embedding({ vocabularySize: 11, width: 8 });
    await expectReproduces(
      loadFixture('embedding'),
      ['ids'],
      (parameters: EmbeddingParameters<Tensor>, { ids }) => layer.apply(parameters, ids as Tensor),
    );
  });

  it('scores tokens by the product with their vectors', async () => {
    const layer = new Embedding({ vocabularySize: 3, width: 2 });
    const weight = new TensorData('float32', [3, 2], Float32Array.of(1, 0, 0, 1, 2, 3));
    const x = new TensorData('float32', [1, 2], Float32Array.of(10, 100));
    for (const runtime of runtimes) {
      const logits = await evaluateOnce(
        runtime,
        (weight: Tensor, x: Tensor) => layer.logits({ weight }, x),
        weight,
        x,
      );
      expectClose(logits, new TensorData('float32', [1, 3], Float32Array.of(10, 100, 320)));
    }
  });

  it('refuses ids that are no integers, and vectors of another width', () => {
    const layer = new Embedding({ vocabularySize: 65, width: 128 });
    const parameters = { weight: placeholder(float32(65, 128), 'weight') };
    expect(() => layer.apply(parameters, placeholder(float32(8, 64), 'ids'))).toThrow(
      'Embedding(65 -> 128) got input [8, 64]: token ids must be int32.',
    );
    expect(() => layer.logits(parameters, placeholder(float32(8, 64), 'x'))).toThrow(
      'Embedding(65 -> 128) got input [8, 64]: last axis must be 128.',
    );
    expect(layer.apply(parameters, placeholder(int32(8, 64), 'ids')).shape).toEqual([8, 64, 128]);
  });

  it('learns', async () => {
    const layer = new Embedding({ vocabularySize: 5, width: 3 });
    const ids = vector([1, 4, 1], 'int32');
    await expectStepLowers(layer.init(Random.fromSeed(1)), (parameters) =>
      mean(square(sub(layer.apply(parameters, ids), 1))),
    );
  });
});
