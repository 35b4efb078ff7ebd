// What a model remembers from batch to batch in truncated backpropagation through time. Knows nothing of when it is used.
import type { Tokens } from '../data/index.js';
import type { Tensor } from '../engine/graph.js';
import type { Trainable } from './trainable.js';
import { allocate } from '../core/dtype.js';
import { ConfigError } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import { mapLeaves, zipTrees } from '../core/tree.js';
import { reshape } from '../engine/ops/layout.js';

/**
 * The memory before anything was read, once for each micro-batch: leaves [accumulation, ...].
 * @throws {ConfigError} when the model has no memory to carry
 */
export function initialMemory(model: Trainable, batchSize: number, accumulation: number): Tree<TensorData> {
  return mapLeaves(initialStateOf(model, batchSize), ({ dtype, shape, data }: TensorData) => {
    const repeated = allocate(dtype, accumulation * data.length);
    for (let i = 0; i < accumulation; i++) repeated.set(data, i * data.length);
    return new TensorData(dtype, [accumulation, ...shape], repeated);
  });
}

/** The memory of `batch` sequences before anything was read. @throws {ConfigError} when the model has none to carry */
export function initialStateOf(model: Trainable, batch: number): Tree<TensorData> {
  if (model.initialState !== undefined) return model.initialState(batch);
  throw new ConfigError('carryState is true, and this model remembers nothing from batch to batch.');
}

/** The memory of the only micro-batch, without the axis that counts them. */
export function firstOf(memory: Tree<Tensor>): Tree<Tensor> {
  return mapLeaves(memory, (leaf: Tensor) => reshape(leaf, leaf.shape.slice(1)));
}

/** The other way round. */
export function asOnly(memory: Tree<Tensor>): Tree<Tensor> {
  return mapLeaves(memory, (leaf: Tensor) => reshape(leaf, [1, ...leaf.shape]));
}

/** The memory after a batch in the order of the one before it: a model returns the same paths, in any order. */
export function inOrderOf(before: Tree<Tensor>, after: Tree<Tensor>): Tree<Tensor> {
  return zipTrees<Tensor, Tensor, Tensor>(before, after, (_, leaf) => leaf);
}

/**
 * Refuses to carry a memory further than it reaches.
 * @param length tokens that each row of a batch reads one after another
 * @param tokens what is read
 * @throws {ConfigError}
 */
export function requireReach({ maxLength = Infinity }: Trainable, length: number, tokens: Tokens): void {
  if (length <= maxLength) return;
  throw new ConfigError(
    `carryState is true, and each row of a batch reads ${length} of ${tokens.count} tokens one after another; ` +
      `the model's memory ends after ${maxLength}. Choose a memory and positions without a bound (such as a recurrent memory or "sliding-window", with position "none" or "rotary"), or set carryState to false.`,
    { fields: { length, maxLength } },
  );
}
