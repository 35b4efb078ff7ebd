// The configuration of an encoder-decoder: plain data, checked by a schema. Knows nothing of the model's code.
import { z } from 'zod';
import { ConfigError } from '../core/errors.js';
import { parseConfig } from '../core/parse-config.js';
import { encoderAttentionSchema } from './encoder-attention.js';

const size = z.int().positive();

const schema = z.strictObject({
  kind: z.literal('encoder-decoder').default('encoder-decoder'),
  /** Number of token ids that are written. */
  vocabularySize: size,
  /** Number of token ids that are read. Absent: both sides share one vocabulary and one embedding. */
  sourceVocabularySize: size.optional(),
  /** Size of the vectors between layers. */
  width: size,
  encoderLayers: size,
  decoderLayers: size,
  heads: size.default(4),
  /** Width inside of the feed-forward layers. Default: 4 times the width. */
  hiddenSize: size.optional(),
  activation: z.enum(['relu', 'gelu', 'gelu-tanh', 'silu']).default('relu'),
  /** Where blocks normalize: before each part (with a norm after the last block), or after adding it. */
  normOrder: z.enum(['pre', 'post']).default('pre'),
  position: z.enum(['sinusoidal', 'learned']).default('sinusoidal'),
  /** Whether a position of the source sees all others, or those around it and a few global ones (LED, for long sources). */
  encoderAttention: encoderAttentionSchema,
  /** Tokens of the longest text that is written. */
  maxLength: size,
  /** Tokens of the longest source. Default: `maxLength`. */
  maxSourceLength: size.optional(),
  /** Whether the head uses the embedding of the written tokens. */
  tiedHead: z.boolean().default(true),
  /** Whether tokens of the source may be copied by the attention of the last block (a pointer-generator). Needs one vocabulary. */
  copy: z.boolean().default(false),
  /** Probability of dropping an element while training. */
  dropout: z.number().min(0).max(0.99).default(0),
});

/** A configuration with every choice made. */
export interface EncoderDecoderConfig extends Omit<
  z.output<typeof schema>,
  'hiddenSize' | 'maxSourceLength'
> {
  readonly hiddenSize: number;
  readonly maxSourceLength: number;
}

/** A configuration as a person writes it. */
export type EncoderDecoderConfigInput = z.input<typeof schema>;

/** @throws {ConfigError} when tokens are to be copied from a vocabulary of their own */
export function requireOneVocabulary({
  copy,
  sourceVocabularySize,
}: Pick<z.output<typeof schema>, 'copy' | 'sourceVocabularySize'>): void {
  if (!copy || sourceVocabularySize === undefined) return;
  throw new ConfigError(
    'With copy, what is read and what is written are tokens of one vocabulary. Leave sourceVocabularySize out, or copy.',
    { fields: { sourceVocabularySize } },
  );
}

/**
 * Checks a configuration and makes every choice that was left open.
 * @throws {ConfigError} that names each wrong key, with the nearest known one
 */
export function parseEncoderDecoderConfig(input: unknown): EncoderDecoderConfig {
  const config = parseConfig(schema, input, 'Encoder-decoder configuration');
  requireOneVocabulary(config);
  const { hiddenSize = 4 * config.width, maxSourceLength = config.maxLength } = config;
  return { ...config, hiddenSize, maxSourceLength };
}
