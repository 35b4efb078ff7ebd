// The simple recurrent network against PyTorch.
import { it } from 'vitest';
import type { CellParameters } from './recurrent-cell.js';
import type { Tensor } from '../engine/graph.js';
import { loadFixture } from '../../test/support/fixtures.js';
import { expectReproduces } from '../../test/support/reproduce.js';
import { Rnn } from './rnn.js';

it('has the values and gradients of PyTorch, with an initial state', async () => {
  const fixture = loadFixture<{ inputSize: number; hiddenSize: number }>('elman');
  const memory = new Rnn({ width: fixture.options.hiddenSize, inputSize: fixture.options.inputSize });
  await expectReproduces(
    fixture,
    ['x', 'initialState'],
    (parameters: CellParameters<Tensor>, { x, initialState }) => {
      const start = { layers: [{ hidden: initialState as Tensor }] };
      const { output, state } = memory.read({ layers: [parameters] }, x as Tensor, start);
      return { output, finalState: state.layers[0]?.hidden as Tensor };
    },
  );
});
