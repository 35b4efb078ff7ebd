import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxPieceLength, piecesOfDocument, piecesOfText } from './pieces.js';
import type { TextPiece } from './source.js';

/** Patterns that split text into words, from the published `tokenizer.json` of each family. */
const patterns: Readonly<Record<string, RegExp>> = {
  'GPT-2': /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu,
  'cl100k and Llama 3':
    /'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu,
  'Qwen 2':
    /'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu,
  o200k:
    /[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu,
};

const word = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'B', 'é', 'ß', '7', '中', '文', '𝒳'), minLength: 1, maxLength: 9 }),
  fc.constantFrom("it's", "WE'LL", 'l’été', '12345', 'naïve', '他说'),
);
const gap = fc.oneof(
  fc.string({
    unit: fc.constantFrom(' ', '\n', '\r\n', '\t', '\u3000', '\u00a0'),
    minLength: 1,
    maxLength: 4,
  }),
  fc
    .tuple(
      fc.constantFrom('.', ',', '。', '」', '-', '_', '/'),
      fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '!', '"', '/', '😀'), maxLength: 3 }),
    )
    .map((parts) => parts.join('')),
);
const textOfWords = fc
  .array(fc.tuple(word, gap), { minLength: 1, maxLength: 60 })
  .map((pairs) => pairs.flat().join(''));

const anyCharacter = fc
  .integer({ min: 0, max: 0x10ffff })
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

function joined(pieces: readonly TextPiece[]): string {
  return pieces.map((piece) => piece.text).join('');
}

async function piecesOf(chunks: readonly string[], limit: number): Promise<TextPiece[]> {
  async function* decoded(): AsyncGenerator<{ text: string; bytesRead: number }> {
    for (const [i, text] of chunks.entries()) yield { text, bytesRead: i };
  }
  const pieces: TextPiece[] = [];
  for await (const piece of piecesOfDocument(decoded(), limit)) pieces.push(piece);
  return pieces;
}

describe('pieces of a document', () => {
  it.each(Object.entries(patterns))(
    'split into the same words as the whole, by the pattern of %s',
    (_name, pattern) => {
      fc.assert(
        fc.property(textOfWords, fc.integer({ min: 24, max: 48 }), (text, limit) => {
          const pieces = [...piecesOfText(text, 0, limit)];
          expect(pieces.flatMap((piece) => piece.text.match(pattern) ?? [])).toEqual(text.match(pattern));
        }),
      );
    },
  );

  it('make up the whole, none too long, the last one marked, however the text arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: anyCharacter })),
        fc.integer({ min: 2, max: 12 }),
        async (chunks, limit) => {
          const text = chunks.join('');
          for (const pieces of [await piecesOf(chunks, limit), [...piecesOfText(text, 0, limit)]]) {
            expect(joined(pieces)).toBe(text);
            expect(pieces.every((piece) => piece.text.length <= limit)).toBe(true);
            expect(pieces.map((piece) => piece.endsDocument)).toEqual(
              pieces.map((_, i) => i === pieces.length - 1),
            );
          }
        },
      ),
    );
  });

  it('never split a surrogate pair, not even in a text without a place to cut', () => {
    for (const { text } of piecesOfText('😀'.repeat(50), 0, 7)) expect(text).toMatch(/^(😀)+$/u);
  });

  it('end before white space, else before punctuation', () => {
    expect([...piecesOfText('one two, six', 0, 10)].map((piece) => piece.text)).toEqual(['one', ' two, six']);
    expect([...piecesOfText('他来了。她走了。', 0, 6)].map((piece) => piece.text)).toEqual([
      '他来了',
      '。她走了。',
    ]);
  });

  it('leave a short text whole', () => {
    const text = 'a '.repeat(maxPieceLength / 2);
    expect([...piecesOfText(text, 9)]).toEqual([{ text, endsDocument: true, bytesRead: 9 }]);
  });
});
