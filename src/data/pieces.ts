// Cuts long documents into pieces that tokenize like the whole. Knows nothing of where text comes from.
import type { TextPiece } from './source.js';
import type { DecodedText } from './utf8.js';

/** The longest piece, in UTF-16 units. */
export const maxPieceLength = 1 << 16;

const wordEnd = /[\p{L}\p{N}]$/u;
const whiteSpace = /^\s/u;
/** Apostrophes are left out: some tokenizers keep the `'s` of `it's` with its word. */
const punctuation = /^(?!['’])\p{P}/u;

/**
 * Pieces of one document. The rule of cutting: before white space that follows a letter or digit. The patterns that
 * split text into words before byte-pair encoding (GPT-2, cl100k, o200k, Llama 3, Qwen) end a word there, whatever
 * comes next, and none looks back; so the ids of the pieces, put together, are the ids of the whole.
 *
 * A text without such a place within `maxPieceLength` (long runs of ideographs) is cut before punctuation that follows a letter
 * or digit, which those patterns respect too; failing that, between any two characters: then, and only then, one token
 * at the cut may differ.
 */
export async function* piecesOfDocument(
  chunks: AsyncIterable<DecodedText>,
  maxLength = maxPieceLength,
): AsyncGenerator<TextPiece> {
  let pending = '';
  let bytesRead = 0;
  for await (const chunk of chunks) {
    pending += chunk.text;
    bytesRead = chunk.bytesRead;
    while (pending.length > maxLength) {
      const end = cutBefore(pending, maxLength);
      yield { text: pending.slice(0, end), endsDocument: false, bytesRead };
      pending = pending.slice(end);
    }
  }
  yield { text: pending, endsDocument: true, bytesRead };
}

/** Pieces of a document that is in memory already. */
export function* piecesOfText(
  text: string,
  bytesRead: number,
  maxLength = maxPieceLength,
): Generator<TextPiece> {
  let start = 0;
  while (text.length - start > maxLength) {
    const end = start + cutBefore(text.slice(start, start + maxLength + 1), maxLength);
    yield { text: text.slice(start, end), endsDocument: false, bytesRead };
    start = end;
  }
  yield { text: text.slice(start), endsDocument: true, bytesRead };
}

/** The last good place to cut `text` at or before `limit`. */
function cutBefore(text: string, limit: number): number {
  return (
    lastPlace(text, limit, whiteSpace) ?? lastPlace(text, limit, punctuation) ?? characterStart(text, limit)
  );
}

/** The last place where a character that matches `after` follows a letter or digit. */
function lastPlace(text: string, limit: number, after: RegExp): number | undefined {
  for (let place = limit; place > 0; place--) {
    if (!after.test(text.charAt(place))) continue;
    if (wordEnd.test(text.slice(Math.max(place - 2, 0), place))) return place;
  }
  return undefined;
}

/** `place`, or one before it when it would split a surrogate pair. */
function characterStart(text: string, place: number): number {
  const unit = text.charCodeAt(place);
  return unit >= 0xdc00 && unit <= 0xdfff ? place - 1 : place;
}
