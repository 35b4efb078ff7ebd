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
  layers: size,
  /** Attention heads. */
  heads: size.default(4),
  /** Heads of keys and values. Default: `heads`. */
  keyValueHeads: size.optional(),
  /** Tokens of the longest sequence: the block it is trained on, and the capacity of its caches. */
  maxLength: size,
  /** The memory of each block, by name or as a name with options; one stands for all blocks. */
  memory: z.union([memoryConfigSchema, z.array(memoryConfigSchema)]).default('attention'),
  position: z.enum(positionKinds).default('learned'),
  feedForward: z.enum(['gelu', 'gelu-tanh', 'relu', 'silu', 'swiglu']).default('gelu'),
  /** Width inside of the feed-forward layer. Default: 4 times the width, or 8/3 of it for swiglu. */
  hiddenSize: size.optional(),
  norm: z.enum(['layer', 'rms']).default('layer'),
  /** Whether linear layers of the blocks have biases. */
  bias: z.boolean().default(true),
  /** Whether the head uses the embedding's weights. */
  tiedHead: z.boolean().default(false),
  /** Probability of dropping an element while training. */
  dropout: z.number().min(0).max(0.99).default(0),
} as const;

const schema = z.strictObject(fields);

/** What a person decides of a model before its vocabulary is known. */
export const partialLanguageModelSchema = schema.omit({ vocabularySize: true });

/** A configuration with every choice made. */
export interface LanguageModelConfig extends Omit<
  z.output<typeof schema>,
  'memory' | 'hiddenSize' | 'keyValueHeads'
> {
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
  const { memory, hiddenSize, keyValueHeads, ...config } = parseConfig(schema, input, 'Model configuration');
  const memories = Array.isArray(memory) ? memory : Array.from({ length: config.layers }, () => memory);
  return {
    ...config,
    memory: parseMemories(memories, config.layers),
    hiddenSize: hiddenSize ?? defaultHiddenSize(config.width, config.feedForward),
    keyValueHeads: keyValueHeads ?? config.heads,
  };
}

/** 4 widths; a gated layer has three matrices instead of two, so 8/3, rounded up to a multiple of 8. */
function defaultHiddenSize(width: number, feedForward: string): number {
  return feedForward === 'swiglu' ? 8 * Math.ceil(width / 3) : 4 * width;
}

function parseMemories(memories: readonly MemoryConfigInput[], layers: number): readonly MemoryConfig[] {
  if (memories.length !== layers) {
    throw new ConfigError(
      `Model configuration: memory names ${memories.length} blocks and layers is ${layers}; name one memory for each block, or one for all.`,
    );
  }
  return memories.map((memory, i) => parseMemoryConfig(memory, `Model configuration: memory[${i}]`));
}
