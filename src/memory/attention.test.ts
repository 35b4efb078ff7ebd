// Attention against PyTorch, and its variants under the contract of memories.
import { describe, it } from 'vitest';
import type { AttentionOptions, AttentionParameters } from './attention.js';
import type { AnyMemory } from './memory-kind.js';
import type { Tensor } from '../engine/graph.js';
import { loadFixture } from '../../test/support/fixtures.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { expectReproduces } from '../../test/support/reproduce.js';
import { Attention } from './attention.js';

keepsTheContract(
  'attention with rotary positions and grouped queries',
  new Attention({
    width,
    heads: 4,
    keyValueHeads: 2,
    capacity: 13,
    position: 'rotary',
  }) as unknown as AnyMemory,
);

keepsTheContract(
  'attention with ALiBi',
  new Attention({ width, heads: 4, capacity: 13, position: 'alibi' }) as unknown as AnyMemory,
);

describe('against PyTorch', () => {
  const names = [
    'attention-causal',
    'attention-rotary',
    'attention-grouped-query',
    'attention-grouped-query-rotary',
    'attention-alibi',
    'attention-grouped-query-alibi',
  ];
  it.each(names)('has the values and gradients of %s', async (name) => {
    const fixture = loadFixture<Omit<AttentionOptions, 'capacity'> & { rotary?: boolean }>(name);
    const { rotary, position = rotary ? 'rotary' : 'none', ...options } = fixture.options;
    const memory = new Attention({ ...options, position, capacity: 14 });
    await expectReproduces(
      fixture,
      ['x'],
      (parameters: AttentionParameters<Tensor>, { x }) => memory.read(parameters, x as Tensor).output,
    );
  });
});
