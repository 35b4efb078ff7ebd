// The GRU against PyTorch, and its variants under the contract of memories.
import { describe, it } from 'vitest';
import type { AnyMemory } from './memory-kind.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { expectReadsAs } from '../../test/support/recurrent-fixture.js';
import { Gru } from './gru.js';

describe('has the values and gradients of PyTorch, from an initial state', () => {
  it('with the reset gate behind the product', () => expectReadsAs('gru', (sizes) => new Gru(sizes)));

  it('with the reset gate before the product', () =>
    expectReadsAs('gru-reset-before', (sizes) => new Gru({ ...sizes, reset: 'before' })));

  it('with layer norm', () =>
    expectReadsAs('gru-layer-norm', (sizes) => new Gru({ ...sizes, layerNorm: true })));
});

keepsTheContract(
  'stacked GRU that resets before the product, with layer norm',
  new Gru({ width, layers: 2, reset: 'before', layerNorm: true }) as unknown as AnyMemory,
);
