// Counts the words of a corpus as it streams by, the most frequent first. Knows nothing of how text is cut into words.
import { DataError } from '../core/errors.js';
import type { AddedTokens } from './added-tokens.js';
import { Pacer, type TextPieces, type TokenizerTrainingOptions } from './training.js';
import { compareCodePoints, utf8Length, wellFormed } from './unicode.js';

/** A word and how often it occurs. */
export type WordFrequency = readonly [word: string, count: number];

/**
 * The words of a text outside of added tokens, by falling frequency, then by code points. Memory grows with the
 * distinct words.
 *
 * @param wordsOf the words in a well-formed piece of text
 * @throws {DataError} when there is no word
 * @throws {AbortedError} when the signal fires
 */
export async function countWordFrequencies(
  pieces: TextPieces,
  wordsOf: (text: string) => Iterable<string>,
  added: AddedTokens,
  { onProgress, signal }: TokenizerTrainingOptions,
): Promise<WordFrequency[]> {
  const counts = new Map<string, number>();
  const pacer = new Pacer(signal);
  let bytes = 0;
  const report = (): void => onProgress?.({ phase: 'counting', bytes, distinctWords: counts.size });
  for await (const piece of pieces) {
    const whole = wellFormed(piece);
    bytes += utf8Length(whole, 0, whole.length);
    for (const { text, token } of added.segments(whole)) {
      if (token !== undefined) continue;
      for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    if (!pacer.due) continue;
    report();
    await pacer.pause();
  }
  if (counts.size === 0) {
    throw new DataError('The text to train the tokenizer on holds no word. Give it at least one.');
  }
  report();
  return [...counts].sort(([a, m], [b, n]) => n - m || compareCodePoints(a, b));
}
