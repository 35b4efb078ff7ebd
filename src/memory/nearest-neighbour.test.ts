// The nearest-neighbour memory under the contract of memories.
import type { AnyMemory } from './memory-kind.js';
import { expect, it } from 'vitest';
import type { Tensor } from '../engine/graph.js';
import type { TensorData } from '../core/tensor-data.js';
import type {
  NearestNeighbourOptions,
  NearestNeighbourParameters,
  NearestNeighbourState,
} from './nearest-neighbour.js';
import { loadFixture } from '../../test/support/fixtures.js';
import { keepsTheContract, width } from '../../test/support/memory-contract.js';
import { expectClose, expectReproduces, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { flattenTree, mapTree, unflattenLike } from '../core/tree.js';
import { evaluateOnce } from '../engine/compile.js';
import { nodesOf } from '../engine/graph.js';
import { observing } from '../engine/observe.js';
import { constant, placeholder } from '../engine/ops/constant.js';
import { select, slice } from '../engine/ops/slicing.js';
import { float32 } from '../engine/trace.js';
import { initialize } from '../nn/initializers.js';
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

it('shows which tokens it fetched, with their scores, while stepping as while reading', async () => {
  const memory = new NearestNeighbour({ width, heads: 2, window: 2, memories: 4, neighbours: 3 });
  const parameters = memory.init(Random.fromSeed(1));
  const time = 9;
  const { read, stepped } = await evaluateOnce(
    runtimes[1],
    (x: Tensor, ...leaves: Tensor[]) => {
      const given = unflattenLike<unknown, TensorData, Tensor>(
        { parameters, state: memory.initialState(1) },
        leaves,
      );
      const own = given as unknown as {
        parameters: NearestNeighbourParameters<Tensor>;
        state: NearestNeighbourState<Tensor>;
      };
      const seen = (f: () => unknown): Tensor[] => {
        const { observed } = observing(f);
        return ['retrieved', 'retrievedScores', 'retrievedProbabilities'].map(
          (name) => observed.get(name) ?? x,
        );
      };
      const start = memory.read(own.parameters, slice(x, 1, 0, time - 1), own.state)
        .state as typeof own.state;
      return {
        read: seen(() => memory.read(own.parameters, x)).map((all) => slice(all, 2, time - 1)),
        stepped: seen(() => memory.step(own.parameters, select(x, 1, time - 1), start)),
      };
    },
    initialize({ normal: 1 }, [1, time, width], Random.fromSeed(2)),
    ...flattenTree<TensorData>({ parameters, state: memory.initialState(1) } as never).values(),
  );
  expect(read[0]?.shape).toEqual([1, 2, 1, 3]);
  expect(stepped[0]?.data).toEqual(read[0]?.data);
  for (const token of read[0]?.data ?? []) expect([3, 4, 5, 6]).toContain(token); // of 0 to 8: those before the window
  for (const part of [1, 2]) expectClose(stepped[part] as TensorData, read[part] as TensorData);
});

it('searches a long segment in chunks: no query is compared with more keys than two rings hold', () => {
  const memory = new NearestNeighbour({ width, heads: 2, window: 2, memories: 4, neighbours: 3 });
  const values: unknown = memory.init(Random.fromSeed(1));
  const parameters = mapTree<unknown, TensorData, Tensor>(values, constant) as unknown;
  const input = placeholder(float32(1, 100, width), 'x');
  const { output } = memory.read(parameters as NearestNeighbourParameters<Tensor>, input);
  const searches = nodesOf({ inputs: [input], outputs: [output] }).filter(({ op }) => op.name === 'topK');
  expect(searches).toHaveLength(Math.ceil(100 / 6));
  for (const { inputs } of searches) expect(inputs[0]?.shape.at(-1)).toBeLessThanOrEqual(2 * 6);
});

it('refuses to find more than it keeps, or nothing', () => {
  const made = (options: object): unknown =>
    new NearestNeighbour({ width, heads: 2, window: 2, memories: 4, ...options });
  expect(() => made({ neighbours: 5 })).toThrow(
    'neighbours is 5; it must be a whole number of at least 1 and at most 4',
  );
  expect(() => made({ memories: 0 })).toThrow('memories is 0');
  expect(() => made({ window: 0 })).toThrow('window is 0');
});
