// The configuration of an encoder: plain data, checked by a schema. Knows nothing of the model's code.
import { z } from 'zod';
import { parseConfig } from '../core/parse-config.js';
import { encoderAttentionSchema } from './encoder-attention.js';

const size = z.int().positive();

const schema = z.strictObject({
  kind: z.literal('encoder').default('encoder'),
  /** Number of token ids. */
  vocabularySize: size,
  /** Size of the vectors between layers. */
  width: size,
  layers: size,
  /** Attention heads. */
  heads: size,
  /** Tokens of the longest sequence: how many positions are learned. */
  maxLength: size,
  /** Kinds of segments that a sequence can consist of, such as the two sentences of a pair. */
  segments: size.default(2),
  /** Width inside of the feed-forward layer. Default: 4 times the width. */
  hiddenSize: size.optional(),
  /** Whether a position sees all others, or those around it and a few global ones. */
  attention: encoderAttentionSchema,
  activation: z.enum(['gelu', 'gelu-tanh', 'relu', 'silu']).default('gelu'),
  /** Added to variances in layer norms. */
  epsilon: z.number().positive().default(1e-12),
  /** Probability of dropping an element while training. */
  dropout: z.number().min(0).max(0.99).default(0),
});

/** A configuration with every choice made. */
export interface EncoderConfig extends Omit<z.output<typeof schema>, 'hiddenSize'> {
  readonly hiddenSize: number;
}

/** A configuration as a person writes it. */
export type EncoderConfigInput = z.input<typeof schema>;

/**
 * Checks a configuration and makes every choice that was left open.
 * @throws {ConfigError} that names each wrong key, with the nearest known one
 */
export function parseEncoderConfig(input: unknown): EncoderConfig {
  const config = parseConfig(schema, input, 'Encoder configuration');
  return { ...config, hiddenSize: config.hiddenSize ?? 4 * config.width };
}
