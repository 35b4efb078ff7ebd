import { expect, it } from 'vitest';
import { bigram, predictableTokens, vocabularySize } from '../../test/support/training.js';
import { DataError } from '../core/errors.js';
import { TensorData } from '../core/tensor-data.js';
import { tokensInMemory } from '../data/index.js';
import { ReferenceRuntime } from '../engine/runtime/reference-runtime.js';
import { float32 } from '../engine/trace.js';
import { Evaluator, firstBatches } from './evaluator.js';

const runtime = new ReferenceRuntime();
const size = { batchSize: 3, blockLength: 5 };

/** Evaluates the bigram model with logits by row. */
async function evaluate(logits: Float32Array, ids: Int32Array, textBytes?: number) {
  const types = { logits: float32(vocabularySize, vocabularySize) };
  const evaluator = await Evaluator.compile(runtime, bigram, types, size);
  const state = await runtime.createState();
  const table = new TensorData('float32', [vocabularySize, vocabularySize], logits);
  await state.write(new Map([['parameters.logits', table]]));
  return evaluator.evaluate(state, tokensInMemory(ids), { textBytes });
}

it('gives a model that knows nothing the logarithm of the vocabulary', async () => {
  const result = await evaluate(new Float32Array(vocabularySize ** 2), predictableTokens(100), 99);
  expect(result.loss).toBeCloseTo(Math.log(vocabularySize), 5);
  expect(result.perplexity).toBeCloseTo(vocabularySize, 4);
  expect(result.bitsPerByte).toBeCloseTo(Math.log2(vocabularySize), 5);
  expect(result.tokens).toBe(99);
});

it.each([2, 3, 15, 16, 17, 31, 97])('is exact for each of %i tokens, full batches or not', async (count) => {
  const logits = Float32Array.from({ length: vocabularySize ** 2 }, (_, i) => Math.sin(i * 1.7));
  const ids = predictableTokens(count);
  let nats = 0;
  for (let i = 1; i < count; i++) {
    const row = Array.from(logits.subarray((ids[i - 1] ?? 0) * vocabularySize).slice(0, vocabularySize));
    nats += Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - (row[ids[i] ?? 0] ?? 0);
  }
  const result = await evaluate(logits, ids);
  expect(result.tokens).toBe(count - 1);
  expect(result.loss).toBeCloseTo(nats / (count - 1), 5);
  expect(result.bitsPerByte).toBeNull();
});

it('says that one token is not enough', async () => {
  await expect(evaluate(new Float32Array(vocabularySize ** 2), Int32Array.of(1))).rejects.toThrow(DataError);
});

it('takes as much of a text as fills the batches that are named', () => {
  const tokens = tokensInMemory(new Int32Array(100));
  expect(firstBatches(tokens, 2, size).count).toBe(31);
  expect(firstBatches(tokens, 50, size).count).toBe(100);
  expect(firstBatches(tokens, null, size).count).toBe(100);
});
