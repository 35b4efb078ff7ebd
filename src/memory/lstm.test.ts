// The LSTM against PyTorch.
import { expect, it } from 'vitest';
import type { CellParameters } from './recurrent-cell.js';
import type { Tensor } from '../engine/graph.js';
import { Random } from '../core/random.js';
import { loadFixture } from '../../test/support/fixtures.js';
import { expectReproduces } from '../../test/support/reproduce.js';
import { Lstm } from './lstm.js';

it('has the values and gradients of PyTorch, with an initial state', async () => {
  const fixture = loadFixture<{ inputSize: number; hiddenSize: number }>('lstm');
  const memory = new Lstm({ width: fixture.options.hiddenSize, inputSize: fixture.options.inputSize });
  await expectReproduces(
    fixture,
    ['x', 'initialState.hidden', 'initialState.cell'],
    (parameters: CellParameters<Tensor>, inputs) => {
      const start = {
        hidden: inputs['initialState.hidden'] as Tensor,
        cell: inputs['initialState.cell'] as Tensor,
      };
      const { output, state } = memory.read({ layers: [parameters] }, inputs['x'] as Tensor, {
        layers: [start],
      });
      const [last] = state.layers;
      return {
        output,
        'finalState.hidden': last?.hidden as Tensor,
        'finalState.cell': last?.cell as Tensor,
      };
    },
  );
});

it('begins with a forget gate whose bias is raised by 1, or as told', () => {
  const biasesOf = (forgetBias?: number): number[] => {
    const { layers } = new Lstm({ width: 3, forgetBias }).init(Random.fromSeed(1));
    return Array.from(layers[0]?.inputBias?.data as Float32Array);
  };
  const plain = biasesOf(0);
  const raised = [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0];
  expect(biasesOf()).toEqual(plain.map((bias, i) => Math.fround(bias + (raised[i] ?? 0))));
  expect(biasesOf(2)).toEqual(plain.map((bias, i) => Math.fround(bias + 2 * (raised[i] ?? 0))));
});
