// One example of every op: a function that applies it, and inputs. Shared by the tests of ops, of ONNX files and of passes.
import { Random } from '../../src/core/random.js';
import { TensorData } from '../../src/core/tensor-data.js';
import { leavesOf } from '../../src/core/tree.js';
import type { Graph, Tensor } from '../../src/engine/graph.js';
import { applyOne } from '../../src/engine/graph.js';
import { after, withGradientRule } from '../../src/engine/ops/identity.js';
import * as t from '../../src/engine/ops/index.js';
import type { TensorFunction } from '../../src/testing/check-op.js';
import { randomTensor, tensorOf } from '../../src/testing/tensors.js';

export interface OpCase {
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

const cases = {
  abs: { f: t.abs, inputs: [x] },
  add: { f: t.add, inputs: [x, row] },
  after: { f: (a, b, c) => [...after(a, [b, t.mul(b, 2), c])], inputs: [x, row, bools] },
  and: { f: t.and, inputs: [bools, others], gradient: 'none' },
  argmax: { f: (a) => t.argmax(a, 0), inputs: [x], gradient: 'none' },
  broadcast: { f: (a) => t.broadcastTo(a, [2, 3, 5]), inputs: [x] },
  cast: {
    f: (a) => t.cast(a, 'int32'),
    inputs: [randomTensor([3, 5], { low: -9, high: 9 })],
    gradient: 'none',
  },
  concat: { f: (a, b) => t.concat([a, b, a], 0), inputs: [x, y] },
  constant: { f: (a) => t.add(a, t.full(2, a.dtype, [5])), inputs: [x] },
  cos: { f: t.cos, inputs: [x] },
  crossEntropy: {
    f: t.crossEntropyRows,
    inputs: [x, tensorOf([1, 4, -1], 'int32')],
  },
  cumulativeSum: { f: (a) => t.cumulativeSum(a, 0), inputs: [x] },
  customGradient: {
    f: (a) => [...withGradientRule([a], [t.exp(a)], ([g], _, [e]) => [g && e && t.mul(g, e)])],
    inputs: [x],
  },
  div: { f: t.div, inputs: [x, positive] },
  dynamicSlice: { f: (a, start) => t.dynamicSlice(a, start, 2, 1), inputs: [x, tensorOf(2, 'int32')] },
  equal: { f: t.equal, inputs: [integers, tensorOf(2, 'int32')], gradient: 'none' },
  erf: { f: t.erf, inputs: [x] },
  exp: { f: t.exp, inputs: [x] },
  flip: { f: (a) => t.flip(a, [0, 1]), inputs: [x] },
  floor: { f: t.floor, inputs: [randomTensor([3, 5], { low: -9, high: 9 })] },
  foldIn: { f: t.foldIn, inputs: [key, tensorOf(-3, 'int32')], gradient: 'none' },
  gather: { f: (a, i) => t.gather(a, i), inputs: [x, ids] },
  gelu: { f: t.gelu, inputs: [x] },
  geluTanh: { f: t.geluTanh, inputs: [x] },
  greater: { f: t.greater, inputs: [x, y], gradient: 'none' },
  greaterOrEqual: { f: t.greaterOrEqual, inputs: [integers, tensorOf(2, 'int32')], gradient: 'none' },
  input: { f: (a) => a, inputs: [x] },
  layerNorm: {
    f: (a, scale, bias) => t.layerNorm(a, scale, bias),
    inputs: [x, row, randomTensor([5], { seed: 9 })],
  },
  less: { f: t.less, inputs: [x, y], gradient: 'none' },
  lessOrEqual: { f: t.lessOrEqual, inputs: [integers, tensorOf(2, 'int32')], gradient: 'none' },
  log: { f: t.log, inputs: [positive] },
  logSoftmax: { f: (a) => t.logSoftmax(a, 0), inputs: [x] },
  logSumExp: { f: (a) => t.logSumExp(a, 1), inputs: [x] },
  matmul: { f: (a, b) => t.matmul(a, b, { transposeB: true, scale: 0.5 }), inputs: [x, y] },
  max: { f: (a) => t.max(a, 1), inputs: [x] },
  maximum: { f: t.maximum, inputs: [x, y] },
  mean: { f: (a) => t.mean(a, 0), inputs: [x] },
  minimum: { f: t.minimum, inputs: [x, y] },
  mul: { f: t.mul, inputs: [x, row] },
  neg: { f: t.neg, inputs: [x] },
  not: { f: t.not, inputs: [bools], gradient: 'none' },
  or: { f: t.or, inputs: [bools, others], gradient: 'none' },
  pad: {
    f: (a) =>
      t.pad(a, [
        [1, 2],
        [0, 3],
      ]),

    inputs: [x],
  },
  pow: { f: t.pow, inputs: [positive, row] },
  randomBits: { f: (k) => t.randomBits(k, [3, 5]), inputs: [key], gradient: 'none' },
  relu: { f: t.relu, inputs: [x] },
  reshape: { f: (a) => t.reshape(a, [5, -1]), inputs: [x] },
  rmsNorm: { f: (a, scale) => t.rmsNorm(a, scale), inputs: [x, row] },
  scan: {
    f: (a, weight) => ({
      ...t.scan(
        (h: Tensor, slice: Tensor) => {
          const next = t.tanh(t.mul(t.add(h, slice), weight));
          return { carry: next, y: next };
        },
        weight,
        a,
      ),
    }),
    inputs: [x, row],
  },
  scatterAdd: {
    f: (a, i, updates) => t.scatterAdd(a, i, updates),
    inputs: [x, ids, randomTensor([2, 3, 5], { seed: 10 })],
  },
  scatterAddAlongAxis: {
    f: (a, i, updates) => t.scatterAddAlongAxis(a, i, updates),
    inputs: [randomTensor([2, 4]), ids, randomTensor([2, 3])],
  },
  shift: { f: (k) => t.uniform(k, [3, 5]), inputs: [key], gradient: 'none' },
  sigmoid: { f: t.sigmoid, inputs: [x] },
  sign: { f: t.sign, inputs: [x] },
  silu: { f: t.silu, inputs: [x] },
  sin: { f: t.sin, inputs: [x] },
  slice: { f: (a) => t.slice(a, 1, 1, -1), inputs: [x] },
  softmax: { f: (a) => t.softmax(a, 0), inputs: [x] },
  softplus: { f: t.softplus, inputs: [x] },
  split: { f: (a) => t.split(a, [2, 0, 3]), inputs: [x] },
  sqrt: { f: t.sqrt, inputs: [positive] },
  stopGradient: { f: t.stopGradient, inputs: [x], gradient: 'none' },
  sub: { f: t.sub, inputs: [x, row] },
  subtractOneHot: {
    f: (a, b) => applyOne(t.ops.subtractOneHot, [a, b], {}),
    inputs: [x, tensorOf([1, 4, 0], 'int32')],
  },
  sum: { f: (a) => t.sum(a, 0, { keepDims: true }), inputs: [x] },
  takeAlongAxis: { f: (a, i) => t.takeAlongAxis(a, i), inputs: [randomTensor([2, 4]), ids] },
  tanh: { f: t.tanh, inputs: [x] },
  topK: { f: (a) => ({ ...t.topK(a, 2, 0) }), inputs: [x] },
  transpose: { f: (a) => t.transpose(a), inputs: [x] },
  updateSlice: {
    f: (a, update, start) => t.updateSlice(a, update, start, 1),
    inputs: [x, randomTensor([3, 2]), tensorOf(2, 'int32')],
  },
  where: { f: t.where, inputs: [bools, x, row] },
} satisfies Record<t.OpName, OpCase>;

/** The cases, by the name of the op. */
export const opCases: readonly (readonly [name: string, example: OpCase])[] = Object.entries(cases);

/** What a case computes from symbolic inputs. */
export function graphOf({ f, inputs }: OpCase): Graph {
  const symbols = inputs.map((value) => t.placeholder(value, 'x'));
  return { inputs: symbols, outputs: leavesOf<Tensor>(f(...symbols)) };
}
