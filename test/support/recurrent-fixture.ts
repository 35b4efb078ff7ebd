// Compares a recurrent memory with a fixture of PyTorch: outputs, final states and gradients, from an initial state.
import type { Tree } from '../../src/core/tree.js';
import type { Tensor } from '../../src/engine/graph.js';
import type {
  Recurrent,
  RecurrentOptions,
  RecurrentParameters,
  RecurrentState,
} from '../../src/memory/recurrent.js';
import type { CellParameters } from '../../src/memory/recurrent-cell.js';
import type { Fixture } from './fixtures.js';
import { flattenTree, mapTree } from '../../src/core/tree.js';
import { loadFixture } from './fixtures.js';
import { expectReproduces } from './reproduce.js';

interface Sizes {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly layers?: number;
}

/** Fixtures of one layer leave `layers.0.` out; those of one state have no name for it. */
function nameIn(fixture: Fixture<Sizes>, prefix: string, path: string): string {
  const names = [`${prefix}.${path}`, `${prefix}.${path.replace('layers.0.', '')}`];
  return names.find((name) => name in fixture.tensors) ?? prefix;
}

/** @param create makes the memory for the fixture's sizes */
export async function expectReadsAs(
  fixtureName: string,
  create: (sizes: RecurrentOptions) => Recurrent,
): Promise<void> {
  const fixture = loadFixture<Sizes>(fixtureName);
  const { hiddenSize: width, inputSize, layers } = fixture.options;
  const memory = create({ width, inputSize, layers });
  const stateNames = [...flattenTree(memory.initialState(1) as Tree<unknown>).keys()];
  const starts = stateNames.map((path) => nameIn(fixture, 'initialState', path));
  type Given = RecurrentParameters<Tensor> | CellParameters<Tensor>;
  await expectReproduces(fixture, ['x', ...starts], (given: Given, inputs) => {
    const parameters = 'layers' in given ? given : { layers: [given] };
    const start = mapTree(memory.initialState(1), (_, path) => inputs[nameIn(fixture, 'initialState', path)]);
    const { output, state } = memory.read(
      parameters,
      inputs['x'] as Tensor,
      start as unknown as RecurrentState<Tensor>,
    );
    const finals = [...flattenTree(state as Tree<Tensor>)].map(
      ([path, tensor]) => [nameIn(fixture, 'finalState', path), tensor] as const,
    );
    return { output, ...Object.fromEntries(finals) };
  });
}
