// Sizes that fast-weight memories refuse.
import { describe, expect, it } from 'vitest';
import { createMemory } from '../create-memory.js';

const shared = { width: 8, heads: 2, maxLength: 16 };

describe.each(['delta-net', 'linear-attention', 'infini-attention', 'titans'])('%s', (kind) => {
  it('refuses heads that do not divide the width', () => {
    expect(() => createMemory(kind, { ...shared, heads: 3 })).toThrow(
      `${kind}: width 8 is not a multiple of heads 3; choose sizes that divide.`,
    );
  });

  it('holds the same bytes however long it reads', () => {
    const memory = createMemory(kind, shared);
    expect(memory.stateBytes(1_000_000)).toBe(memory.stateBytes(1));
    expect(memory.capacity).toBeUndefined();
  });
});

it.each([
  [{ kind: 'delta-net', chunk: 0 }, /delta-net.*chunk/s],
  [{ kind: 'delta-net', convolution: 1 }, /delta-net.*convolution/s],
  [{ kind: 'linear-attention', chunk: 17 }, /chunk 17 is too long for gates; choose at most 16/],
  [{ kind: 'infini-attention', segment: 0 }, /infini-attention.*segment/s],
  [{ kind: 'infini-attention', update: 'detla' }, /infini-attention.*update/s],
  [
    { kind: 'infini-attention', segment: 17 },
    'infini-attention: segment 17 is longer than the block of 16 tokens; shorten it or raise maxLength.',
  ],
  [{ kind: 'titans', depth: 3 }, /titans.*depth.*1\|2/s],
  [{ kind: 'titans', learningRate: 0 }, /titans.*learningRate/s],
])('refuses %j', (config, message) => {
  expect(() => createMemory(config, shared)).toThrow(message);
});
