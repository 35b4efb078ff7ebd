// The gate of a pointer-generator against its formula, written out.
import { expect, it } from 'vitest';
import type { Tree } from '../core/tree.js';
import type { Tensor } from '../engine/graph.js';
import type { PointerGeneratorParameters } from './pointer-generator.js';
import { expectClose, runtimes } from '../../test/support/reproduce.js';
import { Random } from '../core/random.js';
import { TensorData } from '../core/tensor-data.js';
import { mapLeaves } from '../core/tree.js';
import { compile } from '../engine/compile.js';
import { typesOf } from '../engine/trace.js';
import { PointerGenerator } from './pointer-generator.js';

const [batch, rows, time, sourceTime] = [2, 2, 3, 4];
const sizes = { hiddenSize: 5, inputSize: 2, contextWidth: 3 };
const random = Random.fromSeed(3);
const normal = (...shape: number[]): TensorData =>
  new TensorData(
    'float32',
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
  );
const layer = new PointerGenerator(sizes);
/** The bias begins at 0, and has to matter. */
const parameters = mapLeaves<TensorData, TensorData>(
  layer.init(random.split('parameters')) as unknown as Tree<TensorData>,
  ({ shape }) => normal(...shape),
) as unknown as PointerGeneratorParameters<TensorData>;
const inputs = {
  annotations: normal(batch, sourceTime, sizes.contextWidth),
  attention: normal(batch * rows, time, sourceTime),
  hidden: normal(batch * rows, time, sizes.hiddenSize),
  input: normal(batch * rows, time, sizes.inputSize),
  tokens: new TensorData('int32', [batch, sourceTime], Int32Array.from([1, 2, 3, 4, 5, 6, 7, 8])),
};

/** w_h sum_i a_i h_i + w_s s + w_x x + b at a place of a text. */
function plainGate(row: number, t: number): number {
  const at = (tensor: TensorData, ...place: number[]): number =>
    Number(tensor.data[place.reduce((index, p, axis) => index * (tensor.shape[axis] ?? 1) + p, 0)]);
  const dot = (weight: TensorData, x: (i: number) => number): number =>
    Array.from({ length: weight.shape[0] ?? 0 }, (_, i) => at(weight, i, 0) * x(i)).reduce((a, b) => a + b);
  const context = (i: number): number =>
    Array.from(
      { length: sourceTime },
      (_, place) =>
        at(inputs.attention, row, t, place) * at(inputs.annotations, Math.floor(row / rows), place, i),
    ).reduce((a, b) => a + b);
  return (
    dot(parameters.context.weight, context) +
    dot(parameters.hidden.weight, (i) => at(inputs.hidden, row, t, i)) +
    dot(parameters.input.weight, (i) => at(inputs.input, row, t, i)) +
    Number(parameters.hidden.bias?.data[0])
  );
}

it.each(runtimes)('sees the source, the state and the input, as in equation 8, on $name', async (runtime) => {
  const program = await compile(
    runtime,
    (
      _: unknown,
      given: typeof inputs extends infer T ? { [K in keyof T]: Tensor } & { own: unknown } : never,
    ) => {
      const own = given.own as PointerGeneratorParameters<Tensor>;
      const { gate } = layer.point(own, given, layer.offer(own, given.tokens, given.annotations));
      return { outputs: { gate } };
    },
    { state: {}, inputs: typesOf({ ...inputs, own: parameters as unknown as Tree<TensorData> }) as never },
  );
  const { gate } = await program.run(await runtime.createState(), { ...inputs, own: parameters } as never);
  const expected = Array.from({ length: batch * rows * time }, (_, i) =>
    plainGate(Math.floor(i / time), i % time),
  );
  expectClose(gate, new TensorData('float32', [batch, rows * time], Float32Array.from(expected)));
  await program.dispose();
});

it('has a bias in one part only', () => {
  const own = layer.init(random);
  expect([own.hidden.bias?.shape, own.input.bias, own.context.bias]).toEqual([[1], undefined, undefined]);
});
