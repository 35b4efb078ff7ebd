// Checks that a range of a state tensor is written in place where nobody can tell, in every runtime.
import { afterAll, describe, expect, it } from 'vitest';
import { TensorData } from '../../core/tensor-data.js';
import { flattenTree } from '../../core/tree.js';
import { randomTensor, tensorOf } from '../../testing/tensors.js';
import type { Executable, StepResult, Symbolic } from '../compile.js';
import type { Tensor } from '../graph.js';
import type { DeviceState, Runtime } from './runtime.js';
import { compile } from '../compile.js';
import { add, mul } from '../ops/arithmetic.js';
import { updateSlice } from '../ops/dynamic-slice.js';
import { sum } from '../ops/reduce.js';
import { float32, int32 } from '../trace.js';
import { NodeRuntime } from './node.js';
import { ReferenceRuntime } from './reference-runtime.js';

const node = new NodeRuntime({ threads: 1 });
afterAll(() => node.dispose());
const runtimes: [string, Runtime][] = [
  ['ONNX Runtime', node],
  ['the reference', new ReferenceRuntime()],
];

const types = { state: { cache: float32(2, 5, 3), length: int32() }, inputs: float32(2, 2, 3) };
type Written = Executable<(typeof types)['inputs'], Tensor>;

/** Writes two rows behind those in the cache, and hands back the sum of the new cache. */
function append({ cache, length }: Symbolic<(typeof types)['state']>, rows: Tensor): StepResult<Tensor> {
  const next = updateSlice(cache, rows, length, 1);
  return { state: { cache: next, length: add(length, 2) }, outputs: sum(next) };
}

/** The same in a way that replaces the whole cache. */
function appendWhole(state: Symbolic<(typeof types)['state']>, rows: Tensor): StepResult<Tensor> {
  const { state: next, outputs } = append(state, rows);
  const { cache, length } = next as { readonly cache: Tensor; readonly length: Tensor };
  return { state: { cache: mul(cache, 1.0000001), length }, outputs };
}

async function emptyState(runtime: Runtime): Promise<DeviceState> {
  const state = await runtime.createState();
  const tensors = { cache: randomTensor([2, 5, 3], { seed: 9 }), length: tensorOf(0, 'int32') };
  await state.write(flattenTree<TensorData>(tensors));
  return state;
}

const rows = (seed: number): TensorData => randomTensor([2, 2, 3], { seed });

/** The values of the cache. */
async function cacheOf(state: DeviceState): Promise<number[]> {
  return Array.from((await state.read(['cache'])).get('cache')?.data ?? []);
}

describe.each(runtimes)('a range of a state tensor in %s', (_, runtime) => {
  const program = (): Promise<Written> => compile(runtime, append, types);

  it('leaves the graph alone, without the rest of the tensor', async () => {
    const { program: built } = await program();
    expect(built.outputs.map(({ name, type, range }) => [name, type.shape, range])).toEqual([
      ['range.cache', [2, 2, 3], { axis: 1, start: 'length' }],
      ['next.length', [], undefined],
      ['outputs', [], undefined],
    ]);
  });

  it('is written as if the whole tensor were replaced, also where it would leave the axis', async () => {
    const [ranges, wholes] = [await program(), await compile(runtime, appendWhole, types)];
    const [a, b] = [await emptyState(runtime), await emptyState(runtime)];
    for (const seed of [1, 2, 3, 4]) {
      const [x, y] = [await ranges.run(a, rows(seed)), await wholes.run(b, rows(seed))];
      expect(x.data[0]).toBeCloseTo(y.data[0] ?? Number.NaN, 5);
      const expected = await cacheOf(b);
      (await cacheOf(a)).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5));
    }
  });

  it('does not show in a fork, in its origin, or in what was read before', async () => {
    const written = await program();
    const state = await emptyState(runtime);
    await written.run(state, rows(1));
    const read = await state.read(['cache']);
    const before = await cacheOf(state);
    const fork = await state.fork();
    await written.run(fork, rows(2));
    expect(await cacheOf(state)).toEqual(before);
    const forked = await cacheOf(fork);
    await written.run(state, rows(3));
    await written.run(state, rows(4));
    expect(await cacheOf(fork)).toEqual(forked);
    expect(Array.from(read.get('cache')?.data ?? [])).toEqual(before);
  });

  it('stays as it was when a guard fails', async () => {
    const guarded = await compile(runtime, append, types, { guards: [''] });
    const state = await emptyState(runtime);
    await guarded.run(state, rows(1));
    const before = await cacheOf(state);
    await guarded.run(state, new TensorData('float32', [2, 2, 3], new Float32Array(12).fill(Infinity)));
    expect(await cacheOf(state)).toEqual(before);
  });
});

describe('the traffic', () => {
  it('counts the range and not the tensor', async () => {
    const written = await compile(node, append, types);
    const state = await emptyState(node);
    const before = node.traffic.bytesOut;
    await written.run(state, rows(1));
    expect(node.traffic.bytesOut - before).toBe(4 * (12 + 1 + 1));
  });
});
