// One case for every op of the table: the runtime against the reference, and the gradient against finite differences.
// What is special about a family is tested beside it.
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/random.js';
import { TensorData } from '../../core/tensor-data.js';
import { flattenTree } from '../../core/tree.js';
import type { TensorFunction } from '../../testing/check-op.js';
import { checkAgainstReference, checkGradient } from '../../testing/check-op.js';
import { randomTensor, tensorOf } from '../../testing/tensors.js';
import type { Tensor } from '../graph.js';
import { applyOne, nodesBefore } from '../graph.js';
import { NodeRuntime } from '../runtime/node.js';
import { after, withGradientRule } from './identity.js';
import * as t from './index.js';
import { at } from './support.js';

interface Case {
  readonly f: TensorFunction;
  readonly inputs: readonly TensorData[];
  /** Set where the op has no gradient. */
  readonly gradient?: 'none';
}

const x = randomTensor([3, 5], { seed: 1 });
const y = randomTensor([3, 5], { seed: 2 });
const row = randomTensor([5], { seed: 3 });
const positive = randomTensor([3, 5], { seed: 4, low: 0.2, high: 2 });
const integers = randomTensor([3, 5], { seed: 5, dtype: 'int32', high: 5 });
const bools = randomTensor([3, 5], { seed: 6, dtype: 'bool' });
const others = randomTensor([3, 5], { seed: 7, dtype: 'bool' });
const key = new TensorData('uint32', [2], Random.fromSeed(8).graphKey());
const ids = tensorOf(
  [
    [0, 2, 2],
    [1, 0, 2],
  ],
  'int32',
);

/** A function of as many tensors as it names. */
const of =
  (f: (a: Tensor, b: Tensor, c: Tensor) => ReturnType<TensorFunction>): TensorFunction =>
  (...inputs) =>
    f(at(inputs, 0), inputs[1] ?? at(inputs, 0), inputs[2] ?? at(inputs, 0));

const cases = {
  abs: { f: of(t.abs), inputs: [x] },
  add: { f: of(t.add), inputs: [x, row] },
  after: { f: of((a, b) => [...after(a, [b, t.mul(b, 2)])]), inputs: [x, row] },
  and: { f: of(t.and), inputs: [bools, others], gradient: 'none' },
  argmax: { f: of((a) => t.argmax(a, 0)), inputs: [x], gradient: 'none' },
  broadcast: { f: of((a) => t.broadcastTo(a, [2, 3, 5])), inputs: [x] },
  cast: {
    f: of((a) => t.cast(a, 'int32')),
    inputs: [randomTensor([3, 5], { low: -9, high: 9 })],
    gradient: 'none',
  },
  concat: { f: of((a, b) => t.concat([a, b, a], 0)), inputs: [x, y] },
  constant: { f: of((a) => t.add(a, t.full(2, a.dtype, [5]))), inputs: [x] },
  cos: { f: of(t.cos), inputs: [x] },
  crossEntropy: {
    f: of((a, b) => ({ ...t.crossEntropyWithLogProbabilities(a, b) })),
    inputs: [x, tensorOf([1, 4, -1], 'int32')],
  },
  cumulativeSum: { f: of((a) => t.cumulativeSum(a, 0)), inputs: [x] },
  customGradient: {
    f: of((a) => [...withGradientRule([a], [t.exp(a)], ([g], _, [e]) => [g && e && t.mul(g, e)])]),
    inputs: [x],
  },
  div: { f: of(t.div), inputs: [x, positive] },
  dynamicSlice: { f: of((a, start) => t.dynamicSlice(a, start, 2, 1)), inputs: [x, tensorOf(2, 'int32')] },
  equal: { f: of(t.equal), inputs: [integers, tensorOf(2, 'int32')], gradient: 'none' },
  erf: { f: of(t.erf), inputs: [x] },
  exp: { f: of(t.exp), inputs: [x] },
  flip: { f: of((a) => t.flip(a, [0, 1])), inputs: [x] },
  floor: { f: of(t.floor), inputs: [randomTensor([3, 5], { low: -9, high: 9 })] },
  foldIn: { f: of((k, n) => t.foldIn(k, n)), inputs: [key, tensorOf(-3, 'int32')], gradient: 'none' },
  gather: { f: of((a, i) => t.gather(a, i)), inputs: [x, ids] },
  gelu: { f: of(t.gelu), inputs: [x] },
  geluTanh: { f: of(t.geluTanh), inputs: [x] },
  greater: { f: of(t.greater), inputs: [x, y], gradient: 'none' },
  greaterOrEqual: { f: of(t.greaterOrEqual), inputs: [integers, tensorOf(2, 'int32')], gradient: 'none' },
  input: { f: of((a) => a), inputs: [x] },
  layerNorm: {
    f: of((a, scale, bias) => t.layerNorm(a, scale, bias)),
    inputs: [x, row, randomTensor([5], { seed: 9 })],
  },
  less: { f: of(t.less), inputs: [x, y], gradient: 'none' },
  lessOrEqual: { f: of(t.lessOrEqual), inputs: [integers, tensorOf(2, 'int32')], gradient: 'none' },
  log: { f: of(t.log), inputs: [positive] },
  logSoftmax: { f: of((a) => t.logSoftmax(a, 0)), inputs: [x] },
  logSumExp: { f: of((a) => t.logSumExp(a, 1)), inputs: [x] },
  matmul: { f: of((a, b) => t.matmul(a, b, { transposeB: true, scale: 0.5 })), inputs: [x, y] },
  max: { f: of((a) => t.max(a, 1)), inputs: [x] },
  maximum: { f: of(t.maximum), inputs: [x, y] },
  mean: { f: of((a) => t.mean(a, 0)), inputs: [x] },
  minimum: { f: of(t.minimum), inputs: [x, y] },
  mul: { f: of(t.mul), inputs: [x, row] },
  neg: { f: of(t.neg), inputs: [x] },
  not: { f: of(t.not), inputs: [bools], gradient: 'none' },
  or: { f: of(t.or), inputs: [bools, others], gradient: 'none' },
  pad: {
    f: of((a) =>
      t.pad(a, [
        [1, 2],
        [0, 3],
      ]),
    ),
    inputs: [x],
  },
  pow: { f: of(t.pow), inputs: [positive, row] },
  randomBits: { f: of((k) => t.randomBits(k, [3, 5])), inputs: [key], gradient: 'none' },
  relu: { f: of(t.relu), inputs: [x] },
  reshape: { f: of((a) => t.reshape(a, [5, -1])), inputs: [x] },
  rmsNorm: { f: of((a, scale) => t.rmsNorm(a, scale)), inputs: [x, row] },
  scan: {
    f: of((a, weight) => ({
      ...t.scan(
        (h: Tensor, slice: Tensor) => {
          const next = t.tanh(t.mul(t.add(h, slice), weight));
          return { carry: next, y: next };
        },
        weight,
        a,
      ),
    })),
    inputs: [x, row],
  },
  scatterAdd: {
    f: of((a, i, updates) => t.scatterAdd(a, i, updates)),
    inputs: [x, ids, randomTensor([2, 3, 5], { seed: 10 })],
  },
  scatterAddAlongAxis: {
    f: of((a, i, updates) => t.scatterAddAlongAxis(a, i, updates)),
    inputs: [randomTensor([2, 4]), ids, randomTensor([2, 3])],
  },
  shift: { f: of((k) => t.uniform(k, [3, 5])), inputs: [key], gradient: 'none' },
  sigmoid: { f: of(t.sigmoid), inputs: [x] },
  sign: { f: of(t.sign), inputs: [x] },
  silu: { f: of(t.silu), inputs: [x] },
  sin: { f: of(t.sin), inputs: [x] },
  slice: { f: of((a) => t.slice(a, 1, 1, -1)), inputs: [x] },
  softmax: { f: of((a) => t.softmax(a, 0)), inputs: [x] },
  softplus: { f: of(t.softplus), inputs: [x] },
  split: { f: of((a) => t.split(a, [2, 0, 3])), inputs: [x] },
  sqrt: { f: of(t.sqrt), inputs: [positive] },
  stopGradient: { f: of((a) => t.stopGradient(a)), inputs: [x], gradient: 'none' },
  sub: { f: of(t.sub), inputs: [x, row] },
  subtractOneHot: {
    f: of((a, b) => applyOne(t.ops.subtractOneHot, [a, b], {})),
    inputs: [x, tensorOf([1, 4, 0], 'int32')],
  },
  sum: { f: of((a) => t.sum(a, 0, { keepDims: true })), inputs: [x] },
  takeAlongAxis: { f: of((a, i) => t.takeAlongAxis(a, i)), inputs: [randomTensor([2, 4]), ids] },
  tanh: { f: of(t.tanh), inputs: [x] },
  topK: { f: of((a) => ({ ...t.topK(a, 2, 0) })), inputs: [x] },
  transpose: { f: of((a) => t.transpose(a)), inputs: [x] },
  updateSlice: {
    f: of((a, update, start) => t.updateSlice(a, update, start, 1)),
    inputs: [x, randomTensor([3, 2]), tensorOf(2, 'int32')],
  },
  where: { f: of((condition, a, b) => t.where(condition, a, b)), inputs: [bools, x, row] },
} satisfies Record<t.OpName, Case>;

/** The graph of a case, with double precision where gradients need it. */
function nodesOfCase({ f, inputs }: Case) {
  const symbols = inputs.map((value) => t.placeholder(value, 'x'));
  return nodesBefore([...flattenTree<Tensor>(f(...symbols)).values()]);
}

describe('every op', () => {
  const runtime = new NodeRuntime({ threads: 2 });
  afterAll(() => runtime.dispose());

  it('is in the table under its own name', () => {
    expect(Object.entries(t.ops).map(([, op]) => op.name)).toEqual(Object.keys(t.ops));
  });

  const list: [t.OpName, Case][] = Object.entries(cases) as [t.OpName, Case][];

  it.each(list)('%s is used by its case', (name, example) => {
    expect(nodesOfCase(example).map((node) => node.op.name)).toContain(name);
  });

  it.each(list)('%s gives in ONNX Runtime what the reference gives', async (_, { f, inputs }) => {
    await expect(checkAgainstReference(runtime, f, inputs)).resolves.toBeUndefined();
  });

  it.each(list.filter(([, { gradient }]) => gradient !== 'none'))(
    '%s has the gradient that finite differences find',
    (_, { f, inputs }) => {
      expect(() => checkGradient(f, inputs)).not.toThrow();
    },
  );

  it.each(list.filter(([, { gradient }]) => gradient === 'none'))(
    '%s has no gradient',
    (name, { inputs }) => {
      const source = t.placeholder(at(inputs, 0), 'x');
      expect(
        t.ops[name].vjp(
          [source],
          nodesOfCase(at([cases[name]], 0)).find((node) => node.op.name === name) as never,
        ),
      ).toEqual([]);
    },
  );
});
