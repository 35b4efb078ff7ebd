// The configuration of an end-to-end memory network: plain data, checked by a schema. Knows nothing of the model's code.
import { z } from 'zod';
import { parseConfig } from '../core/parse-config.js';
import { sentenceEncodings } from '../nn/sentence-encoding.js';

const size = z.int().positive();

const schema = z.strictObject({
  kind: z.literal('end-to-end-memory-network').default('end-to-end-memory-network'),
  /** Number of ids of words and answers; 0 is padding. */
  vocabularySize: size,
  /** Size of the vectors of sentences. */
  width: size.default(20),
  /** How often the memory is looked at. */
  hops: size.default(3),
  /** Sentences of the longest story: how many moments are told apart. */
  memorySize: size.default(50),
  encoding: z.enum(sentenceEncodings).default('position'),
  /** Probability, in training, that an empty memory stands in front of a sentence, so that all moments are learned. */
  noise: z.number().min(0).max(0.99).default(0.1),
  /** Whether a rectifier follows each hop, as in the best model of the paper. */
  nonlinear: z.boolean().default(true),
  /** Standard deviation of first weights. */
  deviation: z.number().positive().default(0.1),
});

/** A configuration with every choice made. */
export type EndToEndMemoryNetworkConfig = z.output<typeof schema>;

/** A configuration as a person writes it. */
export type EndToEndMemoryNetworkConfigInput = z.input<typeof schema>;

/** @throws {ConfigError} that names each wrong key, with the nearest known one */
export function parseEndToEndMemoryNetworkConfig(input: unknown): EndToEndMemoryNetworkConfig {
  return parseConfig(schema, input, 'End-to-end memory network configuration');
}
