// Vectors of sentences from the vectors of their words, with or without the order of words. Knows no model and no vocabulary.
import type { Tensor } from '../engine/graph.js';
import { sizeOf } from '../core/shape.js';
import { add, div, maximum, mul, sub } from '../engine/ops/arithmetic.js';
import { cast } from '../engine/ops/cast.js';
import { greater } from '../engine/ops/comparison.js';
import { range, vector } from '../engine/ops/constant.js';
import { cumulativeSum } from '../engine/ops/cumulative-sum.js';
import { scatterAdd } from '../engine/ops/indexing.js';
import { expandDims, reshape, zerosLike } from '../engine/ops/layout.js';
import { matmul } from '../engine/ops/matmul.js';
import { max, sum } from '../engine/ops/reduce.js';
import { concat } from '../engine/ops/slicing.js';
import { float32 } from '../engine/trace.js';
import { badInput } from './layer.js';

/** How the vectors of words become that of a sentence: `position` weighs them by their place, `bag` sums them. */
export const sentenceEncodings = ['position', 'bag'] as const;
export type SentenceEncoding = (typeof sentenceEncodings)[number];

/** The id that fills sentences up to a common length; it has no vector. */
export const paddingId = 0;

/** True where there is a word: ids int32 [...] to bool [...]. */
export function isWord(ids: Tensor): Tensor {
  return greater(ids, paddingId);
}

/** True where there is a sentence of at least one word: ids int32 [..., words] to bool [...]. */
export function isSentence(ids: Tensor): Tensor {
  return greater(max(ids, -1), paddingId);
}

/**
 * Position encoding: sum_j l_j * w_j with l_kj = (1 - j / J) - (k / d) (1 - 2 j / J), where J is the number of words in
 * the sentence, d the width, and j and k count from 1; or the plain sum of a bag of words. A sentence without words is zero.
 *
 * Words are collected first and looked up afterwards: with a(s, v) the sum of 1 - j / J over the places of word v in
 * sentence s, and b(s, v) that of 1 - 2 j / J, all sentences are the product a E - (k / d) * (b E), as is their gradient.
 *
 * @param table [vocabulary, width]; the row of the padding id is not used
 * @param ids int32 [..., words], 0 where there is no word
 * @returns [..., width]
 * Source: Sukhbaatar et al. 2015, section 4.1; Xiong et al. 2016, section 3.1.
 */
export function encodeSentences(table: Tensor, ids: Tensor, encoding: SentenceEncoding = 'position'): Tensor {
  if (ids.dtype !== 'int32' || ids.shape.length < 2)
    throw badInput('encodeSentences', ids, 'words must be int32 [..., words]');
  const [vocabulary = 0, width = 0] = table.shape;
  const outer = ids.shape.slice(0, -1);
  const words = reshape(ids, [sizeOf(outer), ids.shape.at(-1) ?? 0]); // [sentences, words]
  const present = cast(isWord(words), 'float32');
  const collect = (weights: Tensor): Tensor => collectWords(words, mul(weights, present), vocabulary);
  if (encoding === 'bag') return reshape(matmul(collect(present), table), [...outer, width]);
  const places = div(cumulativeSum(present), maximum(sum(present, -1, { keepDims: true }), 1)); // j / J
  const collected = concat([collect(sub(1, places)), collect(sub(1, mul(places, 2)))]); // [sentences, 2 vocabulary]
  const share = vector(Array.from({ length: width }, (_, k) => -(k + 1) / width));
  return reshape(matmul(collected, concat([table, mul(table, share)], 0)), [...outer, width]);
}

/** For each sentence and each word of the vocabulary, the sum of the word's weights: [sentences, vocabulary]. */
function collectWords(words: Tensor, weights: Tensor, vocabulary: number): Tensor {
  const [sentences = 0] = words.shape;
  const rows = expandDims(mul(range(sentences), vocabulary), 1);
  const empty = zerosLike(float32(sentences * vocabulary));
  const filled = scatterAdd(empty, reshape(add(words, rows), [-1]), reshape(weights, [-1]));
  return reshape(filled, [sentences, vocabulary]);
}
