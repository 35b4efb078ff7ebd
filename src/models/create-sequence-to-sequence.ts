// The encoder-decoders by the kind that a configuration names. Knows nothing of tasks.
import type { SequenceToSequence } from './sequence-to-sequence.js';
import { ConfigError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { EncoderDecoder } from './encoder-decoder.js';
import { RecurrentEncoderDecoder } from './recurrent-encoder-decoder.js';

const kinds: Readonly<Record<string, new (config: unknown) => SequenceToSequence>> = {
  'encoder-decoder': EncoderDecoder,
  'recurrent-encoder-decoder': RecurrentEncoderDecoder,
};

export const sequenceToSequenceKinds = Object.keys(kinds);

/** @throws {ConfigError} when the kind is unknown, a key is, or sizes do not fit */
export function createSequenceToSequence(config: Readonly<Record<string, unknown>>): SequenceToSequence {
  const { kind = 'encoder-decoder' } = config;
  const Model = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (Model !== undefined) return new Model(config);
  throw new ConfigError(
    `There is no encoder-decoder "${String(kind)}".${didYouMean(String(kind), sequenceToSequenceKinds)}`,
    { fields: { kind, known: sequenceToSequenceKinds } },
  );
}
