// How a memory is named in a configuration: its own options, and what a model tells every memory. Knows no particular memory.
import { z } from 'zod';
import type { TensorData } from '../core/tensor-data.js';
import type { Tree } from '../core/tree.js';
import type { Initializer } from '../nn/initializers.js';
import type { Memory } from './memory.js';
import { ConfigError } from '../core/errors.js';

/** A memory of a kind that only the configuration knows. */
export type AnyMemory = Memory<Tree<TensorData>, Tree<TensorData>>;

/** How a model tells its layers where a token stands. `rotary` and `alibi` act inside of attention. */
export const positionKinds = ['learned', 'sinusoidal', 'rotary', 'alibi', 'none'] as const;
export type PositionKind = (typeof positionKinds)[number];

/** What a model tells every memory. Each takes what it needs. */
export interface SharedMemoryOptions {
  /** Size of inputs and outputs. */
  readonly width: number;
  readonly heads: number;
  /** Heads of keys and values, each shared by a group of query heads. Only where the memory groups heads. Default: `heads`. */
  readonly keyValueHeads?: number;
  /** Tokens of the longest sequence that is read at once. */
  readonly maxLength: number;
  /** Default: `none`. */
  readonly position?: PositionKind;
  /**
   * Whether linear layers have biases, where the memory has layers that may. What sets the first value of a rate, such as how
   * fast something fades, stays without them. Default: true.
   */
  readonly bias?: boolean;
  /** Probability of dropping an element while training. Default: 0. */
  readonly dropout?: number;
  readonly weightInitializer?: Initializer;
  /** Of the last linear layer. Default: `weightInitializer`. */
  readonly outputInitializer?: Initializer;
}

/** One kind of memory, as a configuration sees it. */
export interface MemoryKind<Schema extends z.ZodType = z.ZodType> {
  /** Name in a configuration. */
  readonly kind: string;
  /** The options of its own, beside its kind. */
  readonly options: Schema;
  /** Whether groups of query heads can share keys and values. Default: false. */
  readonly groupsHeads?: boolean;
  /** @throws {ConfigError} when sizes do not fit */
  create(shared: SharedMemoryOptions, own: z.output<Schema>): AnyMemory;
}

/**
 * Declares a kind of memory.
 *
 * @example
 * export const slidingWindow = defineMemory({
 *   kind: 'sliding-window',
 *   options: z.strictObject({ window: z.int().positive().default(64) }),
 *   create: (shared, own) => new SlidingWindow({ ...shared, ...own }),
 * });
 */
export function defineMemory<Schema extends z.ZodType, Parameters, State>(definition: {
  readonly kind: string;
  readonly options: Schema;
  readonly groupsHeads?: boolean;
  readonly create: (shared: SharedMemoryOptions, own: z.output<Schema>) => Memory<Parameters, State>;
}): MemoryKind {
  // Parameters and state of a memory are trees of tensors; only its own class knows which ones.
  return definition as unknown as MemoryKind;
}

/** What a memory that groups heads can be told by itself, where other blocks of the model cannot. */
export const groupedHeadsField = {
  /** Default: that of the model. */
  keyValueHeads: z.int().positive().optional(),
} as const;

/** @throws {ConfigError} when key/value heads are asked of a memory whose heads all have keys and values of their own */
export function requireNoGroups(kind: string, { heads, keyValueHeads = heads }: SharedMemoryOptions): void {
  if (keyValueHeads === heads) return;
  throw new ConfigError(
    `${kind}: keyValueHeads is ${keyValueHeads} and heads is ${heads}, and this memory cannot share keys and values between heads; leave keyValueHeads out, or set it in the options of the memories that can: attention, sliding-window, longformer.`,
    { fields: { heads, keyValueHeads } },
  );
}
