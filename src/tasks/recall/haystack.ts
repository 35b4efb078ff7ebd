// A text as the haystack of a needle: its beginning, in characters. Knows nothing of where the text comes from.
import type { NeedleOptions, TextSource } from '../../data/index.js';
import { needleAlphabet } from '../../data/index.js';
import { trainCharacterTokenizer } from '../../text/index.js';

/** Characters of a text that are used: enough that no two examples look alike. */
const mostCharacters = 1_000_000;

/** @throws {DataError} when the text is empty or is not text */
export async function readHaystack(
  source: TextSource,
): Promise<Pick<NeedleOptions, 'vocabularySize' | 'haystack' | 'encode'>> {
  let text = '';
  for await (const piece of source.pieces()) {
    text += piece.text;
    if (text.length >= mostCharacters) break;
  }
  const tokenizer = await trainCharacterTokenizer([text, needleAlphabet]);
  return {
    vocabularySize: tokenizer.vocabularySize,
    haystack: tokenizer.encode(text),
    encode: (sentence) => tokenizer.encode(sentence),
  };
}
