// The compressive memory under the contract of memories.
import type { AnyMemory } from './memory-kind.js';
import { expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import type { CompressiveOptions } from './compressive.js';
import type { SegmentParameters } from './segment-recurrence.js';
import { loadFixture } from '../../test/support/fixtures.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { expectReproduces } from '../../test/support/reproduce.js';
import { vector } from '../engine/ops/constant.js';
import { Compressive } from './compressive.js';

const variants = {
  'a convolution': { segmentLength: 2, memoryLength: 2, compressedLength: 2, rate: 2 },
  'the mean of pairs, ahead of their segment': {
    segmentLength: 4,
    memoryLength: 2,
    compressedLength: 3,
    rate: 2,
    compression: 'mean',
  },
  'the maximum of three': {
    segmentLength: 3,
    memoryLength: 3,
    compressedLength: 1,
    rate: 3,
    compression: 'max',
  },
  'nothing made fewer': { segmentLength: 2, memoryLength: 1, compressedLength: 4, rate: 1 },
} as const;
for (const [name, options] of Object.entries(variants))
  keepsTheContract(name, new Compressive({ width, heads: 2, ...options }) as unknown as AnyMemory);

it.each(['compressive-convolution', 'compressive-mean', 'compressive-max'])(
  "has the values, auxiliary loss and gradients of PyTorch's naive form: %s",
  async (name) => {
    const fixture = loadFixture<CompressiveOptions>(name);
    const memory = new Compressive(fixture.options);
    const key = vector([1, 2], 'uint32');
    await expectReproduces(fixture, ['x'], (parameters: SegmentParameters<Tensor>, { x }) => {
      const { output, auxiliaryLoss } = memory.read(parameters, x as Tensor, undefined, { key });
      expect(auxiliaryLoss === undefined).toBe(fixture.options.compression !== 'convolution');
      return { output, ...(auxiliaryLoss && { auxiliaryLoss }) };
    });
  },
);

it('refuses lengths that the rate does not divide', () => {
  const lengths = { segmentLength: 4, memoryLength: 4, compressedLength: 2 };
  const made = (options: object): unknown => new Compressive({ width, heads: 2, ...lengths, ...options });
  expect(() => made({ rate: 3 })).toThrow('segmentLength 4 is not a multiple of rate 3');
  expect(() => made({ memoryLength: 3 })).toThrow('memoryLength 3 is not a multiple of rate 2');
  expect(() => made({ rate: 0 })).toThrow('rate is 0; it must be a whole number of at least 1');
  expect(() => made({ compressedLength: 0 })).toThrow('compressedLength is 0');
});
