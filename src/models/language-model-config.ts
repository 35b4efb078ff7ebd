// The configuration of a language model: plain data, checked by a schema. Knows nothing of the model's code.
import { z } from 'zod';
import { ConfigError } from '../core/errors.js';
import { parseConfig } from '../core/parse-config.js';
import type { MemoryConfig, MemoryConfigInput } from '../memory/create-memory.js';
import { memoryConfigSchema, parseMemoryConfig } from '../memory/create-memory.js';
import { positionKinds } from '../memory/memory-kind.js';

const size = z.int().positive();

const fields = {
  kind: z.literal('language-model').default('language-model'),
  /** Number of token ids. */
  vocabularySize: size,
  /** Size of the vectors between layers. */
  width: size,
  /** Blocks. Default: as many as `memory` names. */
  layers: size.optional(),
  /** Attention heads. */
  heads: size.default(4),
  /** Heads of keys and values. Default: `heads`. */
  keyValueHeads: size.optional(),
  /** Tokens of the longest sequence: the block it is trained on, and the capacity of its caches. */
  maxLength: size,
  /**
   * The memory of each block, by name or as a name with options; one stands for all blocks.
   * @example ["sliding-window", "delta-net", { "kind": "gru", "layers": 2 }]
   */
  memory: z
    .union([memoryConfigSchema, z.array(memoryConfigSchema).min(1)], {
      error:
        'give the name of a memory, an object with its "kind" and options, or a list of them, one for each block',
    })
    .default('attention'),
  position: z.enum(positionKinds).default('learned'),
  feedForward: z.enum(['gelu', 'gelu-tanh', 'relu', 'silu', 'swiglu', 'none']).default('gelu'),
  /** Width inside of the feed-forward layer. Default: 4 times the width, or 8/3 of it for swiglu. */
  hiddenSize: size.optional(),
  /** Before each memory, before each feed-forward layer, and before the head. */
  norm: z.enum(['layer', 'rms', 'none']).default('layer'),
  /** Whether memories and feed-forward layers add to what they read; without, each replaces it, as in a plain stack. */
  residual: z.boolean().default(true),
  /** Whether linear layers of the blocks have biases. */
  bias: z.boolean().default(true),
  /** Whether the head uses the embedding's weights. */
  tiedHead: z.boolean().default(false),
  /** Whether the head has a bias. */
  headBias: z.boolean().default(false),
  /** First values of embeddings, of linear layers and of the head; memories may have rules of their own. */
  initializer: z
    .union([
      z.strictObject({ normal: z.number().positive() }),
      z.strictObject({ uniform: z.number().positive() }),
    ])
    .default({ normal: 0.02 }),
  /** Probability of dropping an element while training. */
  dropout: z.number().min(0).max(0.99).default(0),
} as const;

const schema = z.strictObject(fields);

/** What a person decides of a model before its vocabulary is known. */
export const partialLanguageModelSchema = schema.omit({ vocabularySize: true });

/** A configuration with every choice made. */
export interface LanguageModelConfig extends Omit<
  z.output<typeof schema>,
  'memory' | 'layers' | 'hiddenSize' | 'keyValueHeads'
> {
  readonly layers: number;
  /** One for each block. */
  readonly memory: readonly MemoryConfig[];
  readonly hiddenSize: number;
  readonly keyValueHeads: number;
}

/** A configuration as a person writes it. */
export type LanguageModelConfigInput = z.input<typeof schema>;

/**
 * Checks a configuration and makes every choice that was left open.
 * @throws {ConfigError} that names each wrong key, with the nearest known one
 */
export function parseLanguageModelConfig(input: unknown): LanguageModelConfig {
  const { memory, layers, hiddenSize, keyValueHeads, ...config } = parseConfig(
    schema,
    input,
    'Model configuration',
  );
  const memories = parseMemories(memory, layers);
  return {
    ...config,
    layers: memories.length,
    memory: memories,
    hiddenSize: hiddenSize ?? defaultHiddenSize(config.width, config.feedForward),
    keyValueHeads: keyValueHeads ?? config.heads,
  };
}

/** 4 widths; a gated layer has three matrices instead of two, so 8/3, rounded up to a multiple of 8. */
function defaultHiddenSize(width: number, feedForward: string): number {
  return feedForward === 'swiglu' ? 8 * Math.ceil(width / 3) : 4 * width;
}

/** One memory for each block. */
function parseMemories(
  memory: MemoryConfigInput | readonly MemoryConfigInput[],
  layers: number | undefined,
): readonly MemoryConfig[] {
  if (isList(memory)) {
    if (layers !== undefined && memory.length !== layers) {
      throw new ConfigError(
        `Model configuration: memory names ${memory.length} blocks and layers is ${layers}; name one memory for each block, or one for all, or leave layers out.`,
      );
    }
    return memory.map((own, i) => parseMemoryConfig(own, `Model configuration: memory[${i}]`));
  }
  if (layers === undefined) {
    throw new ConfigError(
      'Model configuration: layers is missing; say how many blocks there are, or list the memory of each.',
    );
  }
  const parsed = parseMemoryConfig(memory, 'Model configuration: memory');
  return Array.from({ length: layers }, () => parsed);
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
