// Unicode details that every tokenizer shares. Knows nothing of vocabularies.
import type { StreamDecoder } from './tokenizer.js';

export type NormalizationForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

const utf8 = new TextEncoder();

/** The text with every lone surrogate replaced by U+FFFD, as UTF-8 would write it. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/**
 * Source of a pattern class: characters that always belong to the one before them, so that no cut may stand before them
 * (Grapheme_Extend, SpacingMark and ZWJ of Unicode Standard Annex 29).
 */
export const joinsBefore = String.raw`[\p{M}\p{Emoji_Modifier}\u200C\u200D\uFF9E\uFF9F\u{E0020}-\u{E007F}]`;

/** Orders well-formed strings by their code points, as UTF-8 bytes would; `<` compares UTF-16 units. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** A surrogate stands for a code point above all that are a single unit. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

export function encodeUtf8(text: string): Uint8Array {
  return utf8.encode(text);
}

/** How many bytes UTF-8 takes for `text[start, end)`, which must be well formed and must not split a character. */
export function utf8Length(text: string, start: number, end: number): number {
  let length = end - start;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate is half of a character of four bytes.
    length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return length;
}

/** The text of a sequence of byte strings; bytes that are not UTF-8 become U+FFFD. A byte order mark is kept. */
export function decodeUtf8(pieces: readonly Uint8Array[]): string {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.length;
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** A decoder of ids that stand for bytes: holds back the bytes of a character until it is whole. */
export function utf8StreamDecoder(bytesOf: (id: number) => Uint8Array): StreamDecoder {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    push: (id) => decoder.decode(bytesOf(id), { stream: true }),
    end: () => decoder.decode(),
  };
}
