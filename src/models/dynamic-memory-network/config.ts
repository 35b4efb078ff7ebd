// The configurations of dynamic memory networks: plain data, checked by schemas. Knows nothing of the models' code.
import { z } from 'zod';
import { parseConfig } from '../../core/parse-config.js';

const size = z.int().positive();

const shared = {
  /** Number of ids of words and answers; 0 is padding. */
  vocabularySize: size,
  /** Size of the vectors of words, of facts and of the memory. */
  width: size.default(80),
  /** How often the story is read. */
  episodes: size.default(3),
} as const;

const original = z.strictObject({
  kind: z.literal('dynamic-memory-network').default('dynamic-memory-network'),
  ...shared,
});

const plus = z.strictObject({
  kind: z.literal('dynamic-memory-network-plus').default('dynamic-memory-network-plus'),
  ...shared,
  /** Each episode writes the memory with weights of its own. */
  untied: z.boolean().default(true),
  /** Probability of dropping an element of sentences and of the answer's input while training. */
  dropout: z.number().min(0).max(0.99).default(0.1),
});

/** A configuration with every choice made. */
export type DynamicMemoryNetworkConfig = z.output<typeof original>;
export type DynamicMemoryNetworkPlusConfig = z.output<typeof plus>;

/** A configuration as a person writes it. */
export type DynamicMemoryNetworkConfigInput = z.input<typeof original>;
export type DynamicMemoryNetworkPlusConfigInput = z.input<typeof plus>;

/** @throws {ConfigError} that names each wrong key, with the nearest known one */
export function parseDynamicMemoryNetworkConfig(input: unknown): DynamicMemoryNetworkConfig {
  return parseConfig(original, input, 'Dynamic memory network configuration');
}

/** @throws {ConfigError} that names each wrong key, with the nearest known one */
export function parseDynamicMemoryNetworkPlusConfig(input: unknown): DynamicMemoryNetworkPlusConfig {
  return parseConfig(plus, input, 'DMN+ configuration');
}
