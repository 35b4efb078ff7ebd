// The simple recurrent network against PyTorch.
import { describe, it } from 'vitest';
import type { AnyMemory } from './memory-kind.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { expectReadsAs } from '../../test/support/recurrent-fixture.js';
import { Rnn } from './rnn.js';

describe('has the values and gradients of PyTorch, from an initial state', () => {
  it('with tanh', () => expectReadsAs('elman', (sizes) => new Rnn(sizes)));

  it('with relu', () => expectReadsAs('elman-relu', (sizes) => new Rnn({ ...sizes, activation: 'relu' })));

  it('with layer norm', () =>
    expectReadsAs('elman-layer-norm', (sizes) => new Rnn({ ...sizes, layerNorm: true })));
});

keepsTheContract(
  'stacked simple recurrent network with relu',
  new Rnn({ width, layers: 2, activation: 'relu' }) as unknown as AnyMemory,
);
