// Perplexity and bits per byte from a loss in nats. Knows nothing of models or of how the loss was summed.
import { DataError } from '../core/errors.js';

/**
 * `exp(nats)`: how many equally likely tokens the model hesitates between. 1 is certainty.
 *
 * @param nats mean cross-entropy per token, in nats
 */
export function perplexity(nats: number): number {
  return Math.exp(nats);
}

/**
 * `totalNats / (ln 2 * totalBytes)`: the size of the text, in bits per UTF-8 byte, when the model compresses it.
 * Unlike perplexity it can be compared between tokenizers.
 *
 * @param totalNats summed cross-entropy of the whole text, in nats
 * @param totalBytes length of the same text in UTF-8, in bytes
 * @throws {DataError} when `totalBytes` is not positive
 */
export function bitsPerByte(totalNats: number, totalBytes: number): number {
  if (!(totalBytes > 0)) {
    throw new DataError(`bitsPerByte got a text of ${totalBytes} bytes: at least one byte is needed.`, {
      fields: { totalBytes },
    });
  }
  return totalNats / (Math.LN2 * totalBytes);
}
