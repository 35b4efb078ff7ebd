import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeIds } from '../../test/support/native-tokenizers.js';
import { TokenizerError } from '../core/errors.js';
import { HuggingFaceTokenizer } from './hugging-face.js';
import { parseTokenizerFile } from './tokenizer-file.js';
import { tokenizerFromJSON } from './tokenizer-json.js';

const added = (id: number, content: string): object => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

const wordPiece = {
  version: '1.0',
  added_tokens: [added(0, '[UNK]'), added(1, '[SEP]')],
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: null,
  decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[UNK]': 0, '[SEP]': 1, play: 2, '##ing': 3, '##s': 4, the: 5, '!': 6, 世: 7, 界: 8 },
  },
};

const bytes = Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, '0')}>`);
const sentencePiece = {
  version: '1.0',
  added_tokens: [added(0, '<unk>'), added(1, '</s>')],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    ],
  },
  pre_tokenizer: null,
  post_processor: null,
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  model: {
    type: 'BPE',
    unk_token: '<unk>',
    fuse_unk: true,
    byte_fallback: true,
    vocab: Object.fromEntries(
      ['<unk>', '</s>', ...bytes, '▁', 't', 'h', 'e', 'th', 'the', '▁the'].map((t, i) => [t, i]),
    ),
    merges: ['t h', 'th e', '▁ the'],
  },
};

const unigram = {
  version: '1.0',
  added_tokens: [added(0, '<unk>')],
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
  post_processor: null,
  decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
  model: {
    type: 'Unigram',
    unk_id: 0,
    vocab: [
      ['<unk>', 0],
      ['▁the', -2],
      ['▁', -3],
      ['the', -4],
      ['a', -5],
      ['s', -5],
      ['t', -6],
      ['h', -6],
      ['e', -6],
    ],
  },
};

describe.each(Object.entries({ wordPiece, sentencePiece, unigram }))(
  'a tokenizer of another kind: %s',
  (_name, json) => {
    const tokenizer = new HuggingFaceTokenizer(parseTokenizerFile(json));
    const part = fc.constantFrom(
      'the',
      'The ',
      'playing',
      ' plays',
      ' ',
      '世界',
      'é',
      '😀',
      '!',
      'hat',
      '\n',
    );
    const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));

    it('gives the ids of the native library', async () => {
      await fc.assert(
        fc.asyncProperty(text, async (text) => {
          expect([...tokenizer.encode(text)]).toEqual(await nativeIds(json, text));
        }),
      );
    });

    it('streams what decoding at once gives', () => {
      fc.assert(
        fc.property(fc.array(fc.nat(tokenizer.vocabularySize - 1), { maxLength: 20 }), (ids) => {
          const decoder = tokenizer.streamDecoder();
          const streamed = ids.map((id) => decoder.push(id)).join('') + decoder.end();
          expect(streamed).toBe(tokenizer.decode(ids));
        }),
        { numRuns: 500 },
      );
    });

    it('keeps its file, and refuses ids outside of the vocabulary', () => {
      expect(tokenizer.toJSON()).toEqual(json);
      expect(tokenizer.lossless).toBe(false);
      expect(() => tokenizer.decode([tokenizer.vocabularySize])).toThrow(TokenizerError);
      expect(() => tokenizer.streamDecoder().push(-1)).toThrow(/no token with the id -1/);
    });

    it('knows its tokens', () => {
      const [unknown] = tokenizer.specialTokens.keys();
      expect(tokenizer.idOf(unknown ?? '')).toBe(0);
      expect(tokenizer.tokenOf(0)).toBe(unknown);
    });
  },
);

describe('a tokenizer of another kind', () => {
  it('says which word it does not know when there is no unknown token', () => {
    const model = { type: 'WordLevel', vocab: { hello: 0 } };
    const tokenizer = tokenizerFromJSON({ pre_tokenizer: { type: 'Whitespace' }, model });
    expect([...tokenizer.encode('hello hello')]).toEqual([0, 0]);
    expect(() => tokenizer.encode('hello you')).toThrow(/"you" is not in the vocabulary/);
  });

  it('says that it cannot be used when the library does not know it', () => {
    expect(() => tokenizerFromJSON({ model: { type: 'Magic' } })).toThrow(
      /a model \(Magic\) that cannot be used/,
    );
    expect(() => tokenizerFromJSON({ model: { type: 'WordPiece' } })).toThrow(TokenizerError);
  });
});
