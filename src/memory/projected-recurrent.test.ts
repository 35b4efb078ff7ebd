// Recurrent memories with a hidden state of another size than the model: the contract, and the bytes.
import { describe, expect, it } from 'vitest';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { Random } from '../core/random.js';
import { flattenTree } from '../core/tree.js';
import { createMemory } from './create-memory.js';

const shared = { width, heads: 2, maxLength: 16 };

keepsTheContract('GRU with a larger hidden state', createMemory({ kind: 'gru', hiddenSize: 12 }, shared));

describe('hiddenSize', () => {
  it('sets the bytes of the state, and nothing where it is the width', () => {
    const bytes = (kind: string, hiddenSize: number): number =>
      createMemory({ kind, hiddenSize, layers: 2 }, shared).stateBytes(16);
    expect([bytes('rnn', 5), bytes('gru', 5), bytes('lstm', 5)]).toEqual([40, 40, 80]);
    const paths = (hiddenSize?: number): readonly string[] => {
      const memory = createMemory({ kind: 'gru', ...(hiddenSize && { hiddenSize }) }, shared);
      return [...flattenTree(memory.init(Random.fromSeed(1))).keys()];
    };
    expect(paths(width)).toEqual(paths());
    expect(paths(5)).toContain('output.weight');
  });
});
