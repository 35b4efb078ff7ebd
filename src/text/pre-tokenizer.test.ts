import fc from 'fast-check';
import { Tokenizer } from 'tokenizers';
import { describe, expect, it } from 'vitest';
import { TokenizerError } from '../core/errors.js';
import { GPT2_PATTERN, PreTokenizer } from './pre-tokenizer.js';
import { bpeModel, tokenizerFile } from './tokenizer-file.js';

const LLAMA3_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

function wordsOf(preTokenizer: PreTokenizer, text: string): string[] {
  const ends = preTokenizer.wordEnds(text);
  return ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end));
}

/** The native library takes regular expressions only from a file. */
function nativeSplitter(patterns: readonly string[]): (text: string) => string[] {
  const pretokenizers = patterns.map((pattern) => ({
    type: 'Split',
    pattern: { Regex: pattern },
    behavior: 'Isolated',
    invert: false,
  }));
  const preTokenizer = { type: 'Sequence', pretokenizers };
  const file = tokenizerFile({
    addedTokens: [],
    preTokenizer,
    decoder: null,
    model: bpeModel(new Map(), []),
  });
  const native = Tokenizer.fromString(JSON.stringify(file)).getPreTokenizer();
  return (text) => native?.preTokenizeString(text).map(([word]) => word) ?? [];
}

const characters =
  'aZ\u00e9\u00df\u4f60\u597d\u{1f600}\u{1f468}\u200d\u0301\u064415\u0663\u00bd.,!\'\u2019"-_  \t\n\r\u0085\u00a0\u3000\ufeffstvremld\ufffd';
const text = fc.string({ unit: fc.constantFrom(...characters), maxLength: 40 });

describe('splitting text into words', () => {
  it("keeps the space with its word, and contractions, numbers and punctuation apart, by GPT-2's pattern", () => {
    const words = wordsOf(new PreTokenizer(), "They've  3 cats!\n\n 床前明月光，疑是 😀");
    expect(words).toEqual([
      'They',
      "'ve",
      ' ',
      ' 3',
      ' cats',
      '!',
      '\n\n',
      ' 床前明月光',
      '，',
      '疑是',
      ' 😀',
    ]);
  });

  it.each([
    ['GPT-2', [GPT2_PATTERN]],
    ['Llama 3', [LLAMA3_PATTERN]],
    ['digits one by one, then GPT-2', ['\\p{N}', GPT2_PATTERN]],
    ['a pattern with gaps', ['[a-z]+|\\d*']],
  ])('gives the words of the native library: %s', (_name, patterns) => {
    const preTokenizer = new PreTokenizer(patterns);
    const nativeWords = nativeSplitter(patterns);
    fc.assert(
      fc.property(text, (text) => {
        expect(wordsOf(preTokenizer, text)).toEqual(nativeWords(text));
      }),
      { numRuns: 300 },
    );
  });

  it('splits a run of a million letters, and says so when a run is too long for the engine', () => {
    expect(new PreTokenizer().wordEnds('中'.repeat(1_000_000))).toEqual([1_000_000]);
    expect(() => new PreTokenizer().wordEnds('中'.repeat(20_000_000))).toThrow(TokenizerError);
  });

  it('says which pattern cannot be compiled', () => {
    expect(() => new PreTokenizer(['(a'])).toThrow(/split pattern "\(a" cannot be compiled/);
  });
});
