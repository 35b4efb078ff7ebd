// Sentences from words: against the formula word by word, for any shape, and the errors.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import { placeholder } from '../engine/ops/constant.js';
import { float32, int32 } from '../engine/trace.js';
import { initialize } from './initializers.js';
import { encodeSentences, isSentence, isWord } from './sentence-encoding.js';

const [vocabulary, width] = [7, 4];
const table = initialize({ normal: 1 }, [vocabulary, width], Random.fromSeed(1));

/** sum_j l_kj w_jk with l_kj = (1 - j / J) - (k / d) (1 - 2 j / J), or the plain sum. */
function naive(words: readonly number[], encoding: 'position' | 'bag'): number[] {
  return Array.from({ length: width }, (_, column) => {
    const k = column + 1;
    return words.reduce((sum, word, place) => {
      const share = (place + 1) / words.length;
      const weight = encoding === 'bag' ? 1 : 1 - share - (k / width) * (1 - 2 * share);
      return sum + weight * (table.data[word * width + column] ?? 0);
    }, 0);
  });
}

const sentence = fc.array(fc.integer({ min: 1, max: vocabulary - 1 }), { maxLength: 5 });
const sentences = fc.array(sentence, { minLength: 1, maxLength: 6 });

/** Ids [2, count / 2 or count, words], filled up with 0. */
function idsOf(rows: readonly (readonly number[])[], words: number): TensorData {
  const data = new Int32Array(rows.length * words);
  rows.forEach((row, i) => data.set(row, i * words));
  return new TensorData('int32', [1, rows.length, words], data);
}

describe.each(runtimes)('encodeSentences on $name', (runtime) => {
  it.each(['position', 'bag'] as const)('is the formula of %s, whatever is padding', async (encoding) => {
    const property = fc.asyncProperty(sentences, fc.integer({ min: 5, max: 7 }), async (rows, words) => {
      const ids = idsOf(rows, words);
      const { vectors, present, counted } = await evaluateOnce(
        runtime,
        (t, i) => ({
          vectors: encodeSentences(t, i, encoding),
          present: isSentence(i),
          counted: isWord(i),
        }),
        table,
        ids,
      );
      const expected = rows.flatMap((row) => naive(row, encoding));
      expectClose(vectors, new TensorData('float32', [1, rows.length, width], Float32Array.from(expected)));
      expect(Array.from(present.data, Boolean)).toEqual(rows.map(({ length }) => length > 0));
      expect(Array.from(counted.data, Boolean)).toEqual(Array.from(ids.data, (id) => id > 0));
    });
    await fc.assert(property, { numRuns: 10 });
  });
});

describe('encodeSentences', () => {
  it('refuses what are no sentences of ids', () => {
    const weights = placeholder(float32(vocabulary, width), 'table');
    const reading = (ids: ReturnType<typeof float32>) => () =>
      encodeSentences(weights, placeholder(ids, 'ids'));
    expect(reading(int32(3))).toThrow('words must be int32 [..., words]');
    expect(reading(float32(2, 3))).toThrow('words must be int32 [..., words]');
  });
});
