// Softmax and its logarithm along one axis.
import type { TypedArray } from '../../core/dtype.js';
import type { Op, Tensor } from '../graph.js';
import { normalizeAxis, sizeOf } from '../../core/shape.js';
import { TensorData } from '../../core/tensor-data.js';
import { applyOne } from '../graph.js';
import { mul, sub } from './arithmetic.js';
import { sum } from './reduce.js';
import type { AxisAttributes } from './support.js';
import { at, fill, requireFloat } from './support.js';
import { exp } from './unary.js';

/** Applies `f` to every line of elements along an axis. */
function alongAxis(x: TensorData, axis: number, f: (line: number[]) => number[]): TensorData {
  const length = at(x.shape, axis);
  const inner = sizeOf(x.shape.slice(axis + 1));
  const result: TypedArray = fill(x, () => 0).data;
  for (let start = 0; start < result.length; start += length * inner) {
    for (let offset = start; offset < start + inner; offset++) {
      const line = Array.from({ length }, (_, k) => x.data[offset + k * inner] ?? 0);
      f(line).forEach((value, k) => (result[offset + k * inner] = value));
    }
  }
  return new TensorData(x.dtype, x.shape, result);
}

function softmaxLine(line: number[]): number[] {
  const shift = line.reduce((a, b) => Math.max(a, b), -Infinity);
  const exponentials = line.map((x) => Math.exp(x - shift));
  const total = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / total);
}

function logSoftmaxLine(line: number[]): number[] {
  const shift = line.reduce((a, b) => Math.max(a, b), -Infinity);
  const logTotal = Math.log(line.reduce((total, x) => total + Math.exp(x - shift), 0));
  return line.map((x) => x - shift - logTotal);
}

function alongAxisOp(
  name: string,
  onnx: string,
  line: (values: number[]) => number[],
  vjp: (cotangent: Tensor, y: Tensor, axis: number) => Tensor,
): Op<AxisAttributes> {
  return {
    name,
    shape(inputs) {
      const x = at(inputs, 0);
      requireFloat(name, x);
      return [{ dtype: x.dtype, shape: x.shape }];
    },
    vjp: ([cotangent], { outputs, attributes: { axis } }) =>
      cotangent === undefined ? [] : [vjp(cotangent, at(outputs, 0), axis)],
    onnx: (builder, inputs, { attributes: { axis } }) => [
      builder.node(onnx, inputs, { attributes: { axis } }),
    ],
    reference: (inputs, { attributes: { axis } }) => [alongAxis(at(inputs, 0), axis, line)],
  };
}

/** y = e^x / sum(e^x); dx = y (dy - sum(dy y)) */
export const softmaxOp = alongAxisOp('softmax', 'Softmax', softmaxLine, (g, y, axis) =>
  mul(y, sub(g, sum(mul(g, y), axis, { keepDims: true }))),
);

/** y = x - log(sum(e^x)); dx = dy - e^y sum(dy) */
export const logSoftmaxOp = alongAxisOp('logSoftmax', 'LogSoftmax', logSoftmaxLine, (g, y, axis) =>
  sub(g, mul(exp(y), sum(g, axis, { keepDims: true }))),
);

/** Probabilities proportional to e^x along `axis`; they sum to 1. Rows of -Infinity alone give NaN. */
export function softmax(x: Tensor, axis = -1): Tensor {
  return applyOne(softmaxOp, [x], { axis: normalizeAxis(axis, x.shape.length, 'softmax') });
}

/** log(softmax(x)) without loss of precision. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return applyOne(logSoftmaxOp, [x], { axis: normalizeAxis(axis, x.shape.length, 'logSoftmax') });
}
