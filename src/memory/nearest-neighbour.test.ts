// The nearest-neighbour memory under the contract of memories.
import type { AnyMemory } from './memory-kind.js';
import { it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import type { NearestNeighbourOptions, NearestNeighbourParameters } from './nearest-neighbour.js';
import { loadFixture } from '../../test/support/fixtures.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { expectReproduces } from '../../test/support/reproduce.js';
import { NearestNeighbour } from './nearest-neighbour.js';

const variants = {
  'few neighbours': { window: 3, memories: 5, neighbours: 2 },
  'all that is stored, rotary': { window: 2, memories: 4, neighbours: 4, position: 'rotary' },
  'more room than text, ALiBi': { window: 2, memories: 40, position: 'alibi' },
} as const;
for (const [name, options] of Object.entries(variants))
  keepsTheContract(name, new NearestNeighbour({ width, heads: 2, ...options }) as unknown as AnyMemory);

it.each(['nearest-neighbour', 'nearest-neighbour-rotary'])(
  "has the values and gradients of PyTorch's naive form: %s",
  async (name) => {
    const fixture = loadFixture<NearestNeighbourOptions>(name);
    const memory = new NearestNeighbour(fixture.options);
    await expectReproduces(
      fixture,
      ['x'],
      (parameters: NearestNeighbourParameters<Tensor>, { x }) => memory.read(parameters, x as Tensor).output,
    );
  },
);
