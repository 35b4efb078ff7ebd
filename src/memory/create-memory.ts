// Makes a memory from its name in a configuration. The one list of memories that a language model can use.
import type { AttentionOptions } from './attention.js';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Memory } from './memory.js';
import { ConfigError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { Attention } from './attention.js';
import { Gru } from './gru.js';

/** A memory of a kind that only the configuration knows. */
export type AnyMemory = Memory<Tree<TensorData>, Tree<TensorData>>;

/** What a model knows when it makes the memory of a block. Each memory takes what it needs. */
export type MemoryOptions = AttentionOptions;

const factories: Readonly<Record<string, (options: MemoryOptions) => AnyMemory>> = {
  attention: (options) => new Attention(options) as unknown as AnyMemory,
  gru: ({ width }) => new Gru({ width }) as unknown as AnyMemory,
};

/** Names of all memories. */
export const memoryKinds: readonly string[] = Object.keys(factories);

/** @throws {ConfigError} when no memory has the name, or its sizes do not fit */
export function createMemory(kind: string, options: MemoryOptions): AnyMemory {
  const factory = factories[kind];
  if (factory === undefined)
    throw new ConfigError(`There is no memory "${kind}".${didYouMean(kind, memoryKinds)}`);
  return factory(options);
}
