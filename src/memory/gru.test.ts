// The GRU against PyTorch.
import { it } from 'vitest';
import type { GruParameters } from './gru.js';
import type { Tensor } from '../engine/graph.js';
import { loadFixture } from '../../test/support/fixtures.js';
import { expectReproduces } from '../../test/support/reproduce.js';
import { Gru } from './gru.js';

it('has the values and gradients of PyTorch, with an initial state', async () => {
  const fixture = loadFixture<{ inputSize: number; hiddenSize: number }>('gru');
  const memory = new Gru({ width: fixture.options.hiddenSize, inputSize: fixture.options.inputSize });
  await expectReproduces(
    fixture,
    ['x', 'initialState'],
    (parameters: GruParameters<Tensor>, { x, initialState }) => {
      const { output, state } = memory.read(parameters, x as Tensor, { hidden: initialState as Tensor });
      return { output, finalState: state.hidden };
    },
  );
});
