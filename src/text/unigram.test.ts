import fc from 'fast-check';
import { Tokenizer as HuggingFace } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import {
  linesOf,
  nativeIds,
  sharedText,
  trainUnigramNatively,
} from '../../test/support/native-tokenizers.js';
import { settledCharacter } from '../../test/support/settled-character.js';
import { AbortedError, ConfigError, DataError, TokenizerError } from '../core/errors.js';
import { Random } from '../core/random.js';
import { encodeWithOffsets } from './offsets.js';
import { tokenizerFromJSON } from './tokenizer-json.js';
import { codePointsOf } from './piece-trie.js';
import { digamma, expectedCounts, maximized } from './unigram-estimation.js';
import { UnigramLattice } from './unigram-lattice.js';
import { seedPieces } from './unigram-seeds.js';
import { trainUnigram } from './unigram-training.js';
import { UnigramTokenizer } from './unigram.js';

const corpus = [
  'the low lower lowest towers, the newer newest news; slowly flowing flowers\n',
  'low lower lowest, new newer newest: 1995 and 1996 and 1997\n',
  '月光下的诗人，举头望明月。月光明月光。\n',
];
const trained = (options: object = {}) =>
  trainUnigram(corpus, { vocabularySize: 110, characterCoverage: 1, ...options });

const part = fc.oneof(
  fc.constantFrom(
    'low',
    'lowest',
    ' the',
    '  ',
    ' ',
    '月光',
    '<unk>',
    '<s>',
    '▁',
    'ﬁ',
    '½',
    'é',
    'e\u0301',
    '\u3000',
    '😀',
    '１９９５',
    '\n',
  ),
  fc.constantFrom(...corpus.join('')),
  fc.string({ unit: settledCharacter, maxLength: 3 }),
);
const text = fc.array(part, { maxLength: 25 }).map((parts) => parts.join(''));

describe('a Unigram tokenizer', () => {
  it.each([{ normalizationForm: 'NFKC' }, {}, { normalizationForm: null, specialTokens: ['<s>'] }])(
    'gives the ids of both Hugging Face libraries: %j',
    async (options) => {
      const tokenizer = await trained(options);
      const json = tokenizer.toJSON();
      const huggingFace = new HuggingFace(json, { unk_token: '<unk>' });
      await fc.assert(
        fc.asyncProperty(text, async (text) => {
          const ids = [...tokenizer.encode(text)];
          expect(ids).toEqual(await nativeIds(json, text));
          if (/^[a-z ]*$/.test(text))
            expect(huggingFace.encode(text, { add_special_tokens: false }).ids).toEqual(ids);
        }),
        { numRuns: 200, examples: [[corpus.join('')]] },
      );
    },
  );

  it.for([sharedText('tinyshakespeare/input.txt'), sharedText('zh_text_fortunes/tang300.txt.gz')])(
    'gives the ids of the native library for $name',
    async ({ present, read, name }, { skip }) => {
      skip(!present, `../shared/data/${name} is not there`);
      const text = read().slice(0, 200_000);
      const tokenizer = await trainUnigram(linesOf(text), { vocabularySize: 3000 });
      expect([...tokenizer.encode(text)]).toEqual(await nativeIds(tokenizer.toJSON(), text));
    },
  );

  it('says where each token stands in the text', async () => {
    const tokenizer = await trained({ normalizationForm: 'NFKC' });
    const source = 'lowest ﬁ<unk>café 月光';
    const { ids, spans } = encodeWithOffsets(tokenizer, source);
    expect(ids).toEqual(tokenizer.encode(source));
    expect(spans.at(-1)).toEqual({ start: source.indexOf('月'), end: source.length });
    fc.assert(
      fc.property(text, (text) => {
        const { ids, spans } = encodeWithOffsets(tokenizer, text);
        expect(ids).toEqual(tokenizer.encode(text));
        ids.forEach((id, i) => {
          const { start, end } = spans[i] ?? { start: 0, end: 0 };
          const piece = tokenizer.tokenOf(id) ?? '';
          const said = text.slice(start, end).normalize('NFKC').replaceAll(' ', '▁');
          if (id !== 0 && piece !== '▁') expect(said).toContain(piece.replace(/^▁/, ''));
          expect(start).toBeGreaterThanOrEqual(spans[i - 1]?.start ?? 0);
        });
      }),
    );
  });

  it('joins pieces to text, streamed or not', async () => {
    const tokenizer = await trained();
    const source = 'the lowest towers 月光下的诗人，1995';
    const ids = tokenizer.encode(source);
    expect(tokenizer.decode(ids)).toBe(source);
    const decoder = tokenizer.streamDecoder();
    expect(Array.from(ids, (id) => decoder.push(id)).join('') + decoder.end()).toBe(source);
  });

  it('draws segmentations by their probabilities', () => {
    const pieces = ['a', 'b', 'ab', 'ba', 'aba'];
    const scores = [0.3, 0.2, 0.2, 0.2, 0.1].map(Math.log);
    const lattice = new UnigramLattice(pieces, scores);
    const smoothing = 0.5;
    const all = segmentations('abab', pieces).map((ids) => ({
      key: ids.join(),
      weight: Math.exp(smoothing * ids.reduce((sum, id) => sum + (scores[id] ?? 0), 0)),
    }));
    const total = all.reduce((sum, { weight }) => sum + weight, 0);
    const random = Random.fromSeed(4);
    const draws = 20_000;
    const seen = new Map<string, number>();
    for (let i = 0; i < draws; i++) {
      const key = lattice.sample(codePointsOf('abab'), random, smoothing).ids.join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual(all.map(({ key }) => key).sort());
    for (const { key, weight } of all) {
      const p = weight / total;
      // Four standard deviations.
      expect(Math.abs((seen.get(key) ?? 0) / draws - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / draws));
    }
  });

  it('samples ids that say the same text', async () => {
    const tokenizer = await trained();
    const source = 'the lowest flowers slowly';
    const random = Random.fromSeed(1);
    const drawn = Array.from({ length: 20 }, () => tokenizer.sample(source, random, 0.2));
    for (const ids of drawn) expect(tokenizer.decode(ids)).toBe(source);
    expect(new Set(drawn.map((ids) => ids.join())).size).toBeGreaterThan(5);
  });

  it('reads back what it writes, and leaves other kinds to the library', async () => {
    const tokenizer = await trained({ specialTokens: ['<s>', '</s>'] });
    const again = tokenizerFromJSON(JSON.stringify(tokenizer));
    expect(again).toBeInstanceOf(UnigramTokenizer);
    expect(again.toJSON()).toEqual(tokenizer.toJSON());
    expect([...again.specialTokens]).toEqual([
      ['<unk>', 0],
      ['<s>', 1],
      ['</s>', 2],
    ]);
    expect(tokenizerFromJSON({ ...tokenizer.toJSON(), normalizer: { type: 'Lowercase' } }).kind).toBe(
      'hugging-face',
    );
  });

  it('names the word that it does not know when there is no unknown token', () => {
    const tokenizer = new UnigramTokenizer({ pieces: ['▁', 'a'], scores: [-1, -2] });
    expect([...tokenizer.encode('a')]).toEqual([0, 1]);
    expect(() => tokenizer.encode('ab')).toThrow(/"▁ab" has a character that is in no piece/);
    expect(() => new UnigramTokenizer({ pieces: ['a', 'a'], scores: [-1, -1] })).toThrow(TokenizerError);
  });
});

describe('training a Unigram model', () => {
  const words = fc.array(
    fc.record({
      codes: fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 }).map(codePointsOf),
      count: fc.integer({ min: 1, max: 5 }),
    }),
    { minLength: 1, maxLength: 5 },
  );
  const pieces = ['a', 'b', 'ab', 'ba', 'aa', 'aba', 'bab'];
  const scores = fc.array(fc.double({ min: -6, max: -0.5, noNaN: true }), { minLength: 7, maxLength: 7 });
  const noPause = () => undefined;

  it('expects pieces as often as all segmentations say, each by its probability', async () => {
    await fc.assert(
      fc.asyncProperty(words, scores, async (words, scores) => {
        const { counts, logLikelihood } = await expectedCounts(words, { pieces, scores }, noPause);
        const expected = new Float64Array(pieces.length);
        let likelihood = 0;
        for (const { codes, count } of words) {
          const all = segmentations(String.fromCodePoint(...codes), pieces);
          const weights = all.map((ids) => Math.exp(ids.reduce((sum, id) => sum + (scores[id] ?? 0), 0)));
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          likelihood += count * Math.log(total);
          all.forEach((ids, i) =>
            ids.forEach((id) => (expected[id] = (expected[id] ?? 0) + (count * (weights[i] ?? 0)) / total)),
          );
        }
        expect(logLikelihood).toBeCloseTo(likelihood, 8);
        expected.forEach((value, id) => expect(counts[id]).toBeCloseTo(value, 8));
      }),
    );
  });

  it('finds the likeliest of all segmentations, with and without a piece', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 }),
        scores,
        fc.constantFrom(-1, 2, 5),
        (word, scores, without) => {
          const sumOf = (ids: readonly number[]): number =>
            ids.reduce((sum, id) => sum + (scores[id] ?? 0), 0);
          const { ids } = new UnigramLattice(pieces, scores).best(codePointsOf(word), without);
          const all = segmentations(word, pieces).filter((ids) => !ids.includes(without));
          expect(ids.map((id) => pieces[id]).join('')).toBe(word);
          expect(ids).not.toContain(without);
          expect(sumOf(ids)).toBeCloseTo(Math.max(...all.map(sumOf)), 10);
        },
      ),
    );
  });

  it('has the values of digamma that tables have', () => {
    // Abramowitz and Stegun, table 6.1, and minus the Euler-Mascheroni constant.
    expect(digamma(1)).toBeCloseTo(-0.5772156649015329, 12);
    expect(digamma(0.5)).toBeCloseTo(-1.9635100260214235, 12);
    expect(digamma(1.5)).toBeCloseTo(0.03648997397857652, 12);
    expect(digamma(100)).toBeCloseTo(4.600161852738087, 12);
    expect(maximized(['a', 'bc', 'de'], Float64Array.of(0, 5, 0.1)).pieces).toEqual(['a', 'bc']);
  });

  it('begins with the substrings that occur twice and are not always part of the same longer one', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(letters, { minLength: 1, maxLength: 6 }), (words) => {
        const codes = Int32Array.from(words.flatMap((word) => [...codePointsOf(word), 0]));
        const count = (piece: string): number =>
          words.reduce((sum, word) => sum + [...word].filter((_, i) => word.startsWith(piece, i)).length, 0);
        const all = new Set(
          words.flatMap((word) => [...word].flatMap((_, i) => [...word].map((_, j) => word.slice(i, j + 1)))),
        );
        const expected = [...all].filter(
          (piece) =>
            piece.length >= 2 &&
            count(piece) >= 2 &&
            ['a', 'b', 'c'].every((next) => count(piece + next) < count(piece)),
        );
        const found = seedPieces({ codes, weights: new Float64Array(codes.length).fill(1) }, 1000);
        expect([...found].sort()).toEqual(expected.sort());
        const values = found.map((piece) => count(piece) * piece.length);
        expect(values).toEqual([...values].sort((a, b) => b - a));
      }),
      { numRuns: 60 },
    );
  });

  it('spells a real text in no more tokens than the native library with as many pieces', async ({ skip }) => {
    const { present, read } = sharedText('tinyshakespeare/input.txt');
    skip(!present, '../shared/data/tinyshakespeare is not there');
    // Letters only: the native library lets pieces mix letters with punctuation, which ours does not.
    const words = read()
      .slice(0, 300_000)
      .replaceAll(/[^A-Za-z]+/g, ' ');
    const native = trainUnigramNatively(words);
    const ours = await trainUnigram([words], { vocabularySize: native.vocab.length, characterCoverage: 1 });
    const theirs = new UnigramTokenizer({
      pieces: native.vocab.map(([piece]) => piece),
      scores: native.vocab.map(([, score]) => score),
    });
    expect(ours.vocabularySize).toBe(theirs.vocabularySize);
    expect(ours.encode(words).length).toBeLessThanOrEqual(theirs.encode(words).length);
  });

  it('keeps the characters that cover the wanted part of the text', async () => {
    const lines = ['aaaaaaaaab '.repeat(10)];
    const tokens = async (characterCoverage: number): Promise<(string | undefined)[]> => {
      const tokenizer = await trainUnigram(lines, { vocabularySize: 30, characterCoverage });
      return ['a', 'b'].map((token) => (tokenizer.idOf(token) === undefined ? undefined : token));
    };
    expect(await tokens(0.9)).toEqual(['a', undefined]);
    expect(await tokens(1)).toEqual(['a', 'b']);
  });

  it('gives the same vocabulary each time, and reports how far it is', async () => {
    const sizes: number[] = [];
    const onProgress = (progress: object): void => {
      if ('targetSize' in progress) sizes.push(Number(progress.targetSize));
    };
    const first = await trained({ onProgress });
    expect((await trained()).toJSON()).toEqual(first.toJSON());
    expect(sizes.at(-1)).toBe(110);
  });

  it('refuses what cannot be learned, and stops when it is cancelled', async () => {
    await expect(trained({ vocabularySize: 1 })).rejects.toThrow(ConfigError);
    await expect(trainUnigram([''], { vocabularySize: 50 })).rejects.toThrow(DataError);
    await expect(trained({ signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  });
});

/** Every way to write a word with the pieces, as ids. */
function segmentations(word: string, pieces: readonly string[]): number[][] {
  if (word === '') return [[]];
  const first = pieces.flatMap((piece, id) =>
    word.startsWith(piece) ? [{ id, rest: word.slice(piece.length) }] : [],
  );
  return first.flatMap(({ id, rest }) => segmentations(rest, pieces).map((ids) => [id].concat(ids)));
}
