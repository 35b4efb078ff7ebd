// Transformer-XL's segments under the contract of memories.
import type { AnyMemory } from './memory-kind.js';
import { expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import type { SegmentOptions, SegmentParameters } from './segment-recurrence.js';
import { loadFixture } from '../../test/support/fixtures.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { expectReproduces } from '../../test/support/reproduce.js';
import { createMemory } from './create-memory.js';
import { Segment } from './segment.js';

const variants = {
  'a memory as long as a segment': { segmentLength: 3, memoryLength: 3 },
  'a memory of several segments': { segmentLength: 2, memoryLength: 5 },
  'a memory shorter than a segment': { segmentLength: 4, memoryLength: 1 },
  'no memory': { segmentLength: 4, memoryLength: 0 },
  'segments of one token': { segmentLength: 1, memoryLength: 4 },
};
for (const [name, lengths] of Object.entries(variants))
  keepsTheContract(name, new Segment({ width, heads: 2, ...lengths }) as unknown as AnyMemory);

it.each(['segment', 'segment-long-memory'])(
  "has the values and gradients of PyTorch's naive form: %s",
  async (name) => {
    const fixture = loadFixture<SegmentOptions>(name);
    const memory = new Segment(fixture.options);
    await expectReproduces(
      fixture,
      ['x'],
      (parameters: SegmentParameters<Tensor>, { x }) => memory.read(parameters, x as Tensor).output,
    );
  },
);

it('refuses segments longer than the block and of no tokens, and options it does not have', () => {
  const made = (options: object): unknown =>
    createMemory({ kind: 'segment', ...options }, { width, heads: 2, maxLength: 12 });
  expect(() => made({ segmentLength: 13 })).toThrow('segmentLength 13 is longer than the block of 12 tokens');
  expect(() => made({ segmentLength: 0 })).toThrow(/segmentLength/);
  expect(() => made({ segmentLenght: 3 })).toThrow(/segmentLenght.*segmentLength/s);
  expect(() => new Segment({ width, heads: 3, segmentLength: 2, memoryLength: 2 })).toThrow(
    /multiple of heads 3/,
  );
  expect(() => new Segment({ width, heads: 2, segmentLength: 2, memoryLength: -1 })).toThrow(
    'memoryLength is -1',
  );
});
