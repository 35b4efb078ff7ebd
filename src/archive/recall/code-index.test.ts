import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../core/random.js';
import { unitLength } from '../drafts.js';
import { decodeVectors, encodeVector } from '../vector-codes.js';
import { CodeBlocks, codeQuery } from './code-blocks.js';
import { CodeIndex } from './code-index.js';

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** Directions around one of a few centres, as texts about a few things. */
function unitVectors(count: number, dimension: number, seed: number): readonly Float32Array[] {
  const random = Random.fromSeed(seed);
  const any = (): Float32Array => Float32Array.from({ length: dimension }, () => random.normal());
  const centres = Array.from({ length: 20 }, any);
  return Array.from({ length: count }, (_, i) => {
    const centre = centres[i % centres.length] ?? any();
    return unitLength(any().map((value, n) => value + 0.5 * (centre[n] ?? 0)));
  });
}

function indexOf(vectors: readonly Float32Array[], memory: CodeBlocks): CodeIndex {
  const index = new CodeIndex(memory);
  // In two pieces that end within a block.
  const half = Math.floor(vectors.length / 3);
  for (const [from, to] of [
    [0, half],
    [half, vectors.length],
  ] as const) {
    const codes = Buffer.concat(vectors.slice(from, to).map(encodeVector));
    const ordinals = Array.from({ length: to - from }, (_, i) => 3 * (from + i));
    index.add(ordinals, decodeVectors(codes, memory.dimension));
  }
  return index;
}

/** How far apart two dot products with the question can be by rounding. */
const roundingOf = (question: Float32Array): number =>
  (0.51 / 127) * question.reduce((sum, value) => sum + Math.abs(value), 0);

describe('a search', () => {
  test('of some vectors of any dimension equals brute force up to rounding', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: 1, max: 600 }),
        fc.integer(),
        (dimension, count, seed) => {
          const [question = new Float32Array(), ...vectors] = unitVectors(count + 1, dimension, seed);
          const index = indexOf(vectors, new CodeBlocks(dimension));
          const query = codeQuery(question);
          const hits = index.search(query, 10);
          const exact = vectors.map((vector) => dot(vector, question));
          expect(hits).toHaveLength(Math.min(10, count));
          const best = exact.toSorted((a, b) => b - a);
          for (const [i, { ordinal, similarity }] of hits.entries()) {
            expect(Math.abs(similarity - (exact[ordinal / 3] ?? NaN))).toBeLessThan(roundingOf(question));
            expect(Math.abs(similarity - (best[i] ?? NaN))).toBeLessThan(roundingOf(question));
            expect(index.similarityOf(query, ordinal)).toBeCloseTo(similarity, 5);
          }
          expect(index.similarityOf(query, 1)).toBeUndefined();
          expect(index.similarityOf(query, 3 * count)).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
  });

  test('of many, by signs first, finds the ten best nearly always', () => {
    const dimension = 128;
    const vectors = unitVectors(20_000, dimension, 1);
    const index = indexOf(vectors, new CodeBlocks(dimension));
    let found = 0;
    const questions = unitVectors(30, dimension, 2);
    for (const question of questions) {
      const exact = vectors.map((vector, i) => ({ ordinal: 3 * i, similarity: dot(vector, question) }));
      const best = exact.sort((a, b) => b.similarity - a.similarity).slice(0, 10);
      const hits = new Set(index.search(codeQuery(question), 100).map(({ ordinal }) => ordinal));
      found += best.filter(({ ordinal }) => hits.has(ordinal)).length;
    }
    expect(found).toBeGreaterThan(0.9 * 10 * questions.length);
  });

  test('of many for as many as there are finds all of them', () => {
    const vectors = unitVectors(5000, 16, 1);
    const index = indexOf(vectors, new CodeBlocks(16));
    const [question = new Float32Array()] = unitVectors(1, 16, 2);
    const hits = index.search(codeQuery(question), vectors.length);
    expect(new Set(hits.map(({ ordinal }) => ordinal)).size).toBe(vectors.length);
  });

  test('of nothing, with nothing, and for more than there is', () => {
    const memory = new CodeBlocks(8);
    expect(new CodeIndex(memory).search(codeQuery(new Float32Array(8)), 5)).toEqual([]);
    const index = indexOf([new Float32Array(8)], memory);
    expect(index.search(codeQuery(new Float32Array(8)), 5)).toEqual([{ ordinal: 0, similarity: 0 }]);
  });
});

test('memory that is given back is wiped and lent again', () => {
  const memory = new CodeBlocks(16);
  const first = indexOf(unitVectors(300, 16, 1), memory);
  const bytes = first.heldBytes;
  first.clear();
  expect(first.search(codeQuery(unitVectors(1, 16, 3)[0] ?? new Float32Array()), 5)).toEqual([]);
  const [question = new Float32Array(), ...vectors] = unitVectors(301, 16, 2);
  const second = indexOf(vectors, memory);
  expect(second.heldBytes).toBe(bytes);
  const best = Math.max(...vectors.map((vector) => dot(vector, question)));
  expect(second.search(codeQuery(question), 1)[0]?.similarity).toBeCloseTo(best, 1);
});
