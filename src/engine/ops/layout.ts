// Ops that arrange the same elements in another way: reshape, transpose, broadcast, flip.
import { ShapeError } from '../../core/errors.js';
import type { Shape } from '../../core/shape.js';
import {
  broadcastAxes,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  sameShape,
  sizeOf,
  stridesOf,
} from '../../core/shape.js';
import { TensorData } from '../../core/tensor-data.js';
import type { Op, Tensor, TensorType } from '../graph.js';
import { applyOne } from '../graph.js';
import type { OnnxBuilder } from '../onnx/builder.js';
import { full, scalarValue } from './constant.js';
import { sum } from './reduce.js';
import { at, broadcastIndices, pick, stridedIndices } from './support.js';

/** Emits a reshape. A size of 0 means 0, not a copied size. */
export function emitReshape(builder: OnnxBuilder, input: string, shape: Shape): string {
  return builder.node('Reshape', [input, builder.int64s(shape)], { attributes: { allowzero: 1 } });
}

export const reshapeOp: Op<{ readonly shape: Shape }> = {
  name: 'reshape',
  shape(inputs, { shape }) {
    const x = at(inputs, 0);
    if (sizeOf(x.shape) !== sizeOf(shape) || shape.some((dim) => dim < 0)) {
      throw new ShapeError(
        `reshape: ${formatShape(x.shape)} has ${sizeOf(x.shape)} elements; they cannot fill ${formatShape(shape)}.`,
        { fields: { given: x.shape, expected: shape } },
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ([cotangent], { inputs }) =>
    cotangent === undefined ? [] : [reshape(cotangent, at(inputs, 0).shape)],
  onnx: (builder, inputs, { attributes: { shape } }) => [emitReshape(builder, at(inputs, 0), shape)],
  reference: (inputs, { attributes: { shape } }) => {
    const x = at(inputs, 0);
    return [new TensorData(x.dtype, shape, x.data)];
  },
};

/**
 * The same elements in row-major order under another shape. One size may be -1: it is what is left.
 * @throws {ShapeError} when the number of elements differs
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = sizeOf(shape.filter((dim) => dim !== -1));
  const rest = known === 0 ? 0 : sizeOf(x.shape) / known;
  const resolved = shape.map((dim) => (dim === -1 && Number.isInteger(rest) ? rest : dim));
  return sameShape(x.shape, resolved) ? x : applyOne(reshapeOp, [x], { shape: resolved });
}

export const transposeOp: Op<{ readonly permutation: readonly number[] }> = {
  name: 'transpose',
  shape: (inputs, { permutation }) => {
    const x = at(inputs, 0);
    return [{ dtype: x.dtype, shape: permutation.map((axis) => at(x.shape, axis)) }];
  },
  vjp([cotangent], { attributes: { permutation } }) {
    if (cotangent === undefined) return [];
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return [transpose(cotangent, inverse)];
  },
  onnx: (builder, inputs, { attributes: { permutation } }) => [
    builder.node('Transpose', [at(inputs, 0)], { attributes: { perm: permutation } }),
  ],
  reference(inputs, { outputs, attributes: { permutation } }) {
    const x = at(inputs, 0);
    const strides = stridesOf(x.shape);
    const permuted = permutation.map((axis) => at(strides, axis));
    const { shape } = at(outputs, 0);
    return [pick(x, stridedIndices(shape, permuted), shape)];
  },
};

/**
 * Axes in another order.
 * @param permutation for each output axis, the input axis it comes from; default: the last two swapped
 */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  const rank = x.shape.length;
  const identity = Array.from({ length: rank }, (_, axis) => axis);
  const swapped = [...identity.slice(0, -2), rank - 1, rank - 2];
  const order = (permutation ?? swapped).map((axis) => normalizeAxis(axis, rank, 'transpose'));
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new ShapeError(
      `transpose: permutation ${formatShape(order)} does not name each of the ${rank} axes of ${formatShape(x.shape)} once.`,
      { fields: { given: x.shape, permutation: order } },
    );
  }
  return order.every((axis, i) => axis === i) ? x : applyOne(transposeOp, [x], { permutation: order });
}

export const broadcastOp: Op<{ readonly shape: Shape }> = {
  name: 'broadcast',
  shape(inputs, { shape }) {
    const x = at(inputs, 0);
    const offset = shape.length - x.shape.length;
    const fits = offset >= 0 && x.shape.every((dim, axis) => dim === 1 || dim === shape[axis + offset]);
    if (!fits) {
      throw new ShapeError(
        `broadcastTo: ${formatShape(x.shape)} cannot be repeated to ${formatShape(shape)}; aligned at the last axis, sizes must be equal or 1.`,
        { fields: { given: x.shape, expected: shape } },
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp([cotangent], { inputs }) {
    if (cotangent === undefined) return [];
    return [unbroadcast(cotangent, at(inputs, 0).shape)];
  },
  onnx: (builder, inputs, { attributes: { shape } }) => [
    builder.node('Expand', [at(inputs, 0), builder.int64s(shape)]),
  ],
  reference(inputs, { attributes: { shape } }) {
    const x = at(inputs, 0);
    return [pick(x, broadcastIndices(x.shape, shape), shape)];
  },
};

/** `x` repeated to `shape` by NumPy's rule. @throws {ShapeError} when it does not fit */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : applyOne(broadcastOp, [x], { shape });
}

/** Zeros of the type of `x`. */
export function zerosLike(x: TensorType): Tensor {
  return broadcastTo(full(0, x.dtype), x.shape);
}

/** Whether a tensor is known to be zero everywhere while tracing. */
export function isZeros(x: Tensor): boolean {
  const { op, inputs } = x.node;
  return scalarValue(op === broadcastOp ? at(inputs, 0) : x) === 0;
}

/** Sums a cotangent over the axes along which a tensor of `shape` was repeated: the transpose of `broadcastTo`. */
export function unbroadcast(cotangent: Tensor, shape: Shape): Tensor {
  if (sameShape(cotangent.shape, shape)) return cotangent;
  return reshape(sum(cotangent, broadcastAxes(shape, cotangent.shape)), shape);
}

/** A new axis of size 1 at `axis`. */
export function expandDims(x: Tensor, axis: number): Tensor {
  const position = normalizeAxis(axis, x.shape.length + 1, 'expandDims');
  return reshape(x, [...x.shape.slice(0, position), 1, ...x.shape.slice(position)]);
}

export const flipOp: Op<{ readonly axes: readonly number[] }> = {
  name: 'flip',
  shape: (inputs) => [{ dtype: at(inputs, 0).dtype, shape: at(inputs, 0).shape }],
  vjp: ([cotangent], { attributes: { axes } }) => (cotangent === undefined ? [] : [flip(cotangent, axes)]),
  onnx(builder, inputs, { attributes: { axes } }) {
    const all = (value: number): string => builder.int64s(axes.map(() => value));
    return [builder.node('Slice', [at(inputs, 0), all(-1), all(-(2 ** 31)), builder.int64s(axes), all(-1)])];
  },
  reference(inputs, { attributes: { axes } }) {
    const x = at(inputs, 0);
    const strides = stridesOf(x.shape);
    const start = axes.reduce((sum, axis) => sum + (at(x.shape, axis) - 1) * at(strides, axis), 0);
    const signed = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
    return [pick(x, stridedIndices(x.shape, signed, start), x.shape)];
  },
};

/** `x` in reverse order along axes. */
export function flip(x: Tensor, axes: number | readonly number[]): Tensor {
  const normalized = normalizeAxes(axes, x.shape.length, 'flip');
  return normalized.length === 0 ? x : applyOne(flipOp, [x], { axes: normalized });
}
