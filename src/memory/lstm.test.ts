// The LSTM against PyTorch, its first biases, and its variants under the contract of memories.
import { describe, expect, it } from 'vitest';
import type { AnyMemory } from './memory-kind.js';
import type { LstmOptions } from './lstm.js';
import { Random } from '../core/random.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { expectReadsAs } from '../../test/support/recurrent-fixture.js';
import { Lstm } from './lstm.js';

describe('has the values and gradients of PyTorch, from an initial state', () => {
  it('in one layer', () => expectReadsAs('lstm', (sizes) => new Lstm(sizes)));

  it('in two layers', () => expectReadsAs('lstm-stacked', (sizes) => new Lstm(sizes)));

  it('with layer norm', () =>
    expectReadsAs('lstm-layer-norm', (sizes) => new Lstm({ ...sizes, layerNorm: true })));
});

describe('the bias of the forget gate', () => {
  const first = (options: Partial<LstmOptions>) =>
    new Lstm({ width: 3, ...options }).init(Random.fromSeed(1)).layers[0];
  const raisedBy = (amount: number): readonly number[] =>
    Array.from({ length: 12 }, (_, column) => (column >= 3 && column < 6 ? amount : 0));

  it('starts raised by 1, or by what it is told', () => {
    const plain = [...(first({ forgetBias: 0 })?.inputBias?.data ?? [])].map(Number);
    const raised = (amount: number) =>
      raisedBy(amount).map((more, i) => Math.fround((plain[i] ?? NaN) + more));
    expect([...(first({})?.inputBias?.data ?? [])]).toEqual(raised(1));
    expect([...(first({ forgetBias: 2 })?.inputBias?.data ?? [])]).toEqual(raised(2));
  });

  it('is that of the norm in a layer with layer norm', () => {
    expect([...(first({ layerNorm: true })?.inputNorm?.bias.data ?? [])]).toEqual(raisedBy(1));
  });

  it('cannot be raised where there are no biases', () => {
    expect(() => first({ bias: false, forgetBias: 1 })).toThrow(
      'lstm: forgetBias is 1, and bias is false; leave forgetBias out, or let the layer have biases.',
    );
    expect(first({ bias: false })).not.toHaveProperty('inputBias');
  });
});

keepsTheContract(
  'stacked LSTM with layer norm',
  new Lstm({ width, layers: 2, layerNorm: true }) as unknown as AnyMemory,
);
keepsTheContract('LSTM without biases', new Lstm({ width, bias: false }) as unknown as AnyMemory);
