import fc from 'fast-check';
import { Tokenizer as HuggingFace } from '@huggingface/tokenizers';
import { beforeAll, describe, expect, it } from 'vitest';
import { linesOf, nativeIds, trainNatively } from '../../test/support/native-tokenizers.js';
import { TokenizerError } from '../core/errors.js';
import { trainBpe } from './bpe-training.js';
import { ByteLevelBpeTokenizer } from './bpe.js';
import { CharacterTokenizer, trainCharacterTokenizer } from './character.js';
import { tokenizerFromJSON } from './tokenizer-json.js';

const corpus = `It's the 12 monkeys' year: 1995, and THEY'VE seen 12345 things they'll doubt.
月光下的诗人，举头望明月。\ncafé 😀😀 and and and the the the <s>, <mask>\n\n   deeper\n`;

const LLAMA3_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const decoder = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true };
const split = (Regex: string): object => ({
  type: 'Split',
  pattern: { Regex },
  behavior: 'Isolated',
  invert: false,
});
const sequence = (...pretokenizers: object[]): object => ({ type: 'Sequence', pretokenizers });

/** An added token in the layout of the file. */
const added = (id: number, content: string, more: object = {}): object => {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return { id, content, ...flags, ...more };
};

/** A file around a model that the native library has trained: what other tools write. */
function foreignFile(parts: object, modelParts: object = {}): Record<string, unknown> {
  const { vocab, merges } = trained;
  const model = {
    type: 'BPE',
    unk_token: null,
    vocab,
    merges: merges.map((merge) => merge.join(' ')),
    ...modelParts,
  };
  const nothing = { normalizer: null, pre_tokenizer: byteLevel, post_processor: null };
  return { version: '1.0', added_tokens: [], ...nothing, decoder, ...parts, model };
}

let trained: ReturnType<typeof trainNatively>;
/** The first id that is free for added tokens. */
let free: number;
beforeAll(() => {
  trained = trainNatively(corpus);
  free = Object.keys(trained.vocab).length;
});

/** Text made of pieces of the corpus, which has all the characters that the vocabulary knows. */
const text = fc
  .array(
    fc.oneof(fc.constantFrom(...corpus), fc.constantFrom(...corpus.split(' '), '<s>', '<mask>', 'and', 'é')),
  )
  .map((parts) => parts.join(''));

/** @param others whether the JavaScript library, too, reads what we write; it knows no words that stand alone */
async function expectNativeIds(file: Record<string, unknown>, others = true): Promise<void> {
  const tokenizer = tokenizerFromJSON(file);
  expect(tokenizer).toBeInstanceOf(ByteLevelBpeTokenizer);
  const again = tokenizerFromJSON(JSON.stringify(tokenizer.toJSON()));
  expect(again.toJSON()).toEqual(tokenizer.toJSON());
  const huggingFace = new HuggingFace(tokenizer.toJSON(), {});
  await fc.assert(
    fc.asyncProperty(text, async (text) => {
      const ids = await nativeIds(file, text);
      expect([...tokenizer.encode(text)]).toEqual(ids);
      expect([...again.encode(text)]).toEqual(ids);
      if (others) expect(huggingFace.encode(text, { add_special_tokens: false }).ids).toEqual(ids);
    }),
    { numRuns: 60, examples: [[corpus]] },
  );
}

describe('reading a tokenizer.json', () => {
  it('reads GPT-2 files: byte level with a regular expression of its own, no model type', async () => {
    const file = foreignFile({ added_tokens: [added(free, '<|endoftext|>')] });
    await expectNativeIds(file);
    const { type: _type, ...untyped } = file['model'] as Record<string, unknown>;
    expect(tokenizerFromJSON({ ...file, model: untyped }).toJSON()).toEqual(tokenizerFromJSON(file).toJSON());
  });

  it('reads RoBERTa files: a mask token that takes the space before it', async () => {
    const file = foreignFile({
      added_tokens: [added(free, '<s>'), added(free + 1, '<mask>', { lstrip: true })],
    });
    await expectNativeIds(file);
    expect(tokenizerFromJSON(file).lossless).toBe(false);
  });

  it('reads Llama 3 files: a split pattern before the bytes, whole words first', async () => {
    const pre_tokenizer = sequence(split(LLAMA3_PATTERN), { ...byteLevel, use_regex: false });
    await expectNativeIds(
      foreignFile({ pre_tokenizer, added_tokens: [added(free, '<s>')] }, { ignore_merges: true }),
    );
    // Without merges only whole words and bytes are left.
    const ids = await nativeIds(
      foreignFile({ pre_tokenizer }, { ignore_merges: true, merges: [] }),
      ' the theme',
    );
    const bare = tokenizerFromJSON(foreignFile({ pre_tokenizer }, { ignore_merges: true, merges: [] }));
    expect([...bare.encode(' the theme')]).toEqual(ids);
  });

  it('reads Qwen 2 files: normalized text, merges as pairs', async () => {
    const file = foreignFile({ normalizer: { type: 'NFC' } }, { merges: trained.merges });
    await expectNativeIds(file);
    const tokenizer = tokenizerFromJSON(file);
    expect(tokenizer.decode(tokenizer.encode('cafe\u0301'))).toBe('caf\u00e9');
    expect(tokenizer.lossless).toBe(false);
  });

  it('reads files that split digits and several patterns in turn', async () => {
    const digits = { type: 'Digits', individual_digits: true };
    await expectNativeIds(foreignFile({ pre_tokenizer: sequence(digits, byteLevel) }));
    const runs = { type: 'Digits', individual_digits: false };
    const patterns = [split('[\\u4e00-\\u9fff]'), split('\\s+'), { ...byteLevel, use_regex: false }];
    await expectNativeIds(foreignFile({ pre_tokenizer: sequence(runs, ...patterns) }));
  });

  it('reads added tokens that are words: alone, with spaces, not special', async () => {
    const flags = { single_word: true, special: false };
    const file = foreignFile({
      added_tokens: [added(free, 'and', flags), added(free + 1, 'é', { rstrip: true })],
    });
    await expectNativeIds(file, false);
    expect(tokenizerFromJSON(file).specialTokens.size).toBe(1);
  });

  it('keeps the post-processor of the file', () => {
    const post_processor = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false };
    expect(tokenizerFromJSON(foreignFile({ post_processor })).toJSON()['post_processor']).toEqual(
      post_processor,
    );
  });

  it('leaves byte-level files that ask for more to the library: a space before the text, a suffix after words', async () => {
    const prefixed = foreignFile({ pre_tokenizer: { ...byteLevel, add_prefix_space: true } });
    expect(tokenizerFromJSON(prefixed).kind).toBe('hugging-face');
    expect([...tokenizerFromJSON(prefixed).encode('the')]).toEqual(await nativeIds(prefixed, 'the'));
    expect(tokenizerFromJSON(foreignFile({}, { end_of_word_suffix: '</w>' })).kind).toBe('hugging-face');
  });

  it('reads back what our tokenizers write', async () => {
    const bpe = await trainBpe(linesOf(corpus), { vocabularySize: 320, specialTokens: ['<s>'] });
    const character = await trainCharacterTokenizer([corpus], {
      specialTokens: ['<s>'],
      unknownToken: '<unk>',
    });
    for (const tokenizer of [bpe, character]) {
      const again = tokenizerFromJSON(JSON.stringify(tokenizer));
      expect(again).toBeInstanceOf(tokenizer.constructor);
      expect(again.toJSON()).toEqual(tokenizer.toJSON());
      expect(again.specialTokens).toEqual(tokenizer.specialTokens);
      expect(again.encode(`<s>${corpus}`)).toEqual(tokenizer.encode(`<s>${corpus}`));
    }
    expect((tokenizerFromJSON(character.toJSON()) as CharacterTokenizer).unknownToken).toBe('<unk>');
  });

  it('keeps a token named __proto__', () => {
    const vocab = JSON.parse(JSON.stringify(trained.vocab).replace('{', '{"__proto__":100000,'));
    const tokenizer = tokenizerFromJSON(foreignFile({}, { vocab }));
    expect(tokenizer.idOf('__proto__')).toBe(100000);
    expect(tokenizerFromJSON(JSON.stringify(tokenizer)).idOf('__proto__')).toBe(100000);
  });
});

describe('a malformed tokenizer.json', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['is not JSON', () => '{"model": {', /not JSON/],
    ['is not an object', () => [1], /file: .*expected object/],
    ['has no model', () => ({}), /file\.model: .*expected object/],
    [
      'has no vocabulary',
      () => foreignFile({}, { vocab: undefined }),
      /model\.vocab: expected an object with the id/,
    ],
    [
      'has an id that is not a number',
      () => foreignFile({}, { vocab: { a: '0' } }),
      /the token "a" has the id "0"/,
    ],
    ['has an impossible id', () => foreignFile({}, { vocab: { a: 4e9 }, merges: [] }), /must be below/],
    [
      'has two tokens with one id',
      () => foreignFile({}, { vocab: { a: 0, b: 0 }, merges: [] }),
      /"a" and "b" share/,
    ],
    ['has no merges', () => foreignFile({}, { merges: undefined }), /model\.merges: /],
    ['has a merge of one token', () => foreignFile({}, { merges: ['a'] }), /merge 0 is "a"/],
    [
      'merges unknown tokens',
      () => foreignFile({}, { merges: ['t h', 'th 🙂'] }),
      /merge 1, "th 🙂", needs the token "🙂"/,
    ],
    [
      'has an added token without text',
      () => foreignFile({ added_tokens: [{ id: 3 }] }),
      /added_tokens\.0\.content/,
    ],
    [
      'gives a token two ids',
      () => foreignFile({ added_tokens: [added(7777, 't')] }),
      /"t" the id 7777 and the vocab/,
    ],
    [
      'has a pre-tokenizer without type',
      () => foreignFile({ pre_tokenizer: {} }),
      /file\.pre_tokenizer\.type/,
    ],
    ['has a broken pattern', () => foreignFile({ pre_tokenizer: sequence(split('(a'), byteLevel) }), /"\(a"/],
  ])('is refused when it %s', (_name, file, message) => {
    expect(() => tokenizerFromJSON(file())).toThrow(TokenizerError);
    expect(() => tokenizerFromJSON(file())).toThrow(message);
  });
});
