// Rings against arrays that are written one slot at a time.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import { runtimes } from '../../test/support/reproduce.js';
import { TensorData } from '../core/tensor-data.js';
import { evaluateOnce } from '../engine/compile.js';
import { agesOf, asRing, inOrder, quotient, wrapped } from './ring.js';

const scalar = (value: number): TensorData => new TensorData('int32', [], Int32Array.of(value));
const reference = runtimes[0];

it('puts slots in the order of writing, and back', async () => {
  const sizes = fc.record({
    slots: fc.integer({ min: 1, max: 7 }),
    written: fc.integer({ min: 0, max: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(sizes, async ({ slots, written }) => {
      const ring = new Float32Array(slots).fill(-1);
      for (let token = 0; token < written; token++) ring[token % slots] = token;
      const results = await evaluateOnce(
        reference,
        (values: Tensor, cursor: Tensor) => {
          const ordered = inOrder(values, cursor, 0);
          return { ordered, back: asRing(ordered, cursor, 0), ages: agesOf(slots, cursor) };
        },
        new TensorData('float32', [slots], ring),
        scalar(written % slots),
      );
      const known = Array.from({ length: slots }, (_, i) => Math.max(-1, written - slots + i));
      expect(Array.from(results.ordered.data)).toEqual(known);
      expect(results.back.data).toEqual(ring);
      ring.forEach((token, slot) => {
        if (token >= 0) expect(results.ages.data[slot]).toBe(written - token);
      });
    }),
    { numRuns: 40 },
  );
});

it.each(runtimes)('on $name, divides with a remainder, also what is negative', async (runtime) => {
  const cases = [0, 1, 6, 7, 8, -1, -7, 1_048_575, 1_048_576].flatMap((x) =>
    [1, 3, 7, 64].map((by) => ({ x, by })),
  );
  const results = await evaluateOnce(
    runtime,
    (...xs: Tensor[]) =>
      xs.flatMap((x, i) => [quotient(x, cases[i]?.by ?? 1), wrapped(x, cases[i]?.by ?? 1)]),
    ...cases.map(({ x }) => scalar(x)),
  );
  const expected = cases.flatMap(({ x, by }) => [Math.floor(x / by), x - by * Math.floor(x / by)]);
  expect(results.map(({ data }) => data[0])).toEqual(expected);
});
