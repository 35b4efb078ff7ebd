// The causal Longformer under the contract of memories.
import type { AnyMemory } from './memory-kind.js';
import { expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import type { LongformerOptions } from './longformer.js';
import type { WindowedAttentionParameters } from './windowed-attention.js';
import { loadFixture } from '../../test/support/fixtures.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { expectReproduces } from '../../test/support/reproduce.js';
import { Longformer } from './longformer.js';

const variants = {
  'one global token': { window: 3 },
  'rotary positions, several global tokens and grouped queries': {
    window: 4,
    globalTokens: 3,
    heads: 4,
    keyValueHeads: 2,
    position: 'rotary',
  },
} as const;
for (const [name, options] of Object.entries(variants))
  keepsTheContract(name, new Longformer({ width, heads: 2, ...options }) as unknown as AnyMemory);

it.each(['longformer-causal', 'longformer-causal-rotary'])(
  "has the values and gradients of PyTorch's naive form: %s",
  async (name) => {
    const fixture = loadFixture<LongformerOptions>(name);
    const memory = new Longformer(fixture.options);
    await expectReproduces(
      fixture,
      ['x'],
      (parameters: WindowedAttentionParameters<Tensor>, { x }) => memory.read(parameters, x as Tensor).output,
    );
  },
);

it('refuses to have no global token or no window', () => {
  expect(() => new Longformer({ width, heads: 2, window: 2, globalTokens: 0 })).toThrow('globalTokens is 0');
  expect(() => new Longformer({ width, heads: 2, window: 0 })).toThrow('longformer: window is 0');
});
