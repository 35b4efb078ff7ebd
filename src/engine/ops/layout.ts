// Ops that move elements without computing: reshape, transpose, broadcast, slice, concat, pad, flip.
import type { Shape } from '../../core/shape.js';
import type { Op, Tensor } from '../graph.js';
import { ShapeError } from '../../core/errors.js';
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
import { applyOne } from '../graph.js';
import { sum } from './reduce.js';
import { at, broadcastIndices, commonDType, fill, pick, stridedIndices } from './support.js';

export const reshapeOp: Op<{ readonly shape: Shape }> = {
  name: 'reshape',
  shape(inputs, { shape }) {
    const x = at(inputs, 0);
    if (sizeOf(x.shape) !== sizeOf(shape)) {
      throw new ShapeError(
        `reshape: ${formatShape(x.shape)} has ${sizeOf(x.shape)} elements and ${formatShape(shape)} has ${sizeOf(shape)}; they must be equal.`,
        { fields: { given: x.shape, expected: shape } },
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ([cotangent], { inputs }) =>
    cotangent === undefined ? [] : [reshape(cotangent, at(inputs, 0).shape)],
  onnx: (builder, inputs, { attributes: { shape } }) => [
    builder.node('Reshape', [at(inputs, 0), builder.int64s(shape)], { attributes: { allowzero: 1 } }),
  ],
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
  const known = shape.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  const resolved = shape.map((dim) => (dim === -1 && known > 0 ? sizeOf(x.shape) / known : dim));
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
    return [
      transpose(
        cotangent,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    ];
  },
  onnx: (builder, inputs, { attributes: { permutation } }) => [
    builder.node('Transpose', [at(inputs, 0)], { attributes: { perm: permutation } }),
  ],
  reference(inputs, { outputs, attributes: { permutation } }) {
    const x = at(inputs, 0);
    const strides = stridesOf(x.shape);
    const { shape } = at(outputs, 0);
    return [
      pick(
        x,
        stridedIndices(
          shape,
          permutation.map((axis) => at(strides, axis)),
        ),
        shape,
      ),
    ];
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
    const { shape } = at(inputs, 0);
    return [reshape(sum(cotangent, broadcastAxes(shape, cotangent.shape)), shape)];
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

interface SliceAttributes extends Readonly<Record<string, unknown>> {
  /** First index taken, for each axis. */
  readonly starts: readonly number[];
  /** How many indices are taken, for each axis. */
  readonly sizes: readonly number[];
}

export const sliceOp: Op<SliceAttributes> = {
  name: 'slice',
  shape(inputs, { starts, sizes }) {
    const x = at(inputs, 0);
    x.shape.forEach((dim, axis) => {
      const [start, size] = [at(starts, axis), at(sizes, axis)];
      if (start < 0 || size < 0 || start + size > dim) {
        throw new ShapeError(
          `slice: axis ${axis} of ${formatShape(x.shape)} has no range ${start}..${start + size}; it must lie in 0..${dim}.`,
          { fields: { given: x.shape, axis, start, size } },
        );
      }
    });
    return [{ dtype: x.dtype, shape: sizes }];
  },
  vjp([cotangent], { inputs, attributes: { starts, sizes } }) {
    if (cotangent === undefined) return [];
    const { shape } = at(inputs, 0);
    return [
      pad(
        cotangent,
        shape.map((dim, axis) => [at(starts, axis), dim - at(starts, axis) - at(sizes, axis)]),
      ),
    ];
  },
  onnx(builder, inputs, { attributes: { starts, sizes }, inputs: [x] }) {
    const cut = starts.map((_, axis) => axis).filter((axis) => at(sizes, axis) !== x?.shape[axis]);
    const ends = cut.map((axis) => at(starts, axis) + at(sizes, axis));
    const bounds = [cut.map((axis) => at(starts, axis)), ends, cut].map((values) => builder.int64s(values));
    return [builder.node('Slice', [at(inputs, 0), ...bounds])];
  },
  reference(inputs, { attributes: { starts, sizes } }) {
    const x = at(inputs, 0);
    const strides = stridesOf(x.shape);
    const start = starts.reduce((sum, first, axis) => sum + first * at(strides, axis), 0);
    return [pick(x, stridedIndices(sizes, strides, start), sizes)];
  },
};

/**
 * A contiguous range along one axis.
 * @param start first index; negative counts from the end
 * @param end one past the last index; negative counts from the end; default: the end of the axis
 */
export function slice(x: Tensor, axis: number, start: number, end?: number): Tensor {
  const normalized = normalizeAxis(axis, x.shape.length, 'slice');
  const dim = at(x.shape, normalized);
  const from = start < 0 ? start + dim : start;
  const to = end === undefined ? dim : end < 0 ? end + dim : end;
  if (from === 0 && to === dim) return x;
  const starts = x.shape.map((_, i) => (i === normalized ? from : 0));
  const sizes = x.shape.map((size, i) => (i === normalized ? to - from : size));
  return applyOne(sliceOp, [x], { starts, sizes });
}

/** One index along an axis, with the axis dropped. */
export function select(x: Tensor, axis: number, index: number): Tensor {
  const normalized = normalizeAxis(axis, x.shape.length, 'select');
  const at_ = index < 0 ? index + at(x.shape, normalized) : index;
  const part = slice(x, normalized, at_, at_ + 1);
  return reshape(
    part,
    part.shape.filter((_, i) => i !== normalized),
  );
}

/** Consecutive parts of the given sizes along an axis. @throws {ShapeError} when the sizes do not add up */
export function split(x: Tensor, sizes: readonly number[], axis = -1): Tensor[] {
  const normalized = normalizeAxis(axis, x.shape.length, 'split');
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== x.shape[normalized]) {
    throw new ShapeError(
      `split: sizes ${formatShape(sizes)} add up to ${total}, but axis ${normalized} of ${formatShape(x.shape)} has ${x.shape[normalized]}.`,
      { fields: { given: x.shape, sizes } },
    );
  }
  let start = 0;
  return sizes.map((size) => slice(x, normalized, start, (start += size)));
}

export const concatOp: Op<{ readonly axis: number }> = {
  name: 'concat',
  shape(inputs, { axis }) {
    const first = at(inputs, 0);
    const dtype = commonDType('concat', inputs);
    for (const other of inputs) {
      const fits =
        other.shape.length === first.shape.length &&
        other.shape.every((dim, i) => i === axis || dim === first.shape[i]);
      if (!fits) {
        throw new ShapeError(
          `concat: ${formatShape(first.shape)} and ${formatShape(other.shape)} differ in more than axis ${axis}; all other axes must be equal.`,
          { fields: { given: inputs.map((input) => input.shape), axis } },
        );
      }
    }
    const joined = inputs.reduce((sum, input) => sum + at(input.shape, axis), 0);
    return [{ dtype, shape: first.shape.map((dim, i) => (i === axis ? joined : dim)) }];
  },
  vjp: ([cotangent], { inputs, attributes: { axis } }) =>
    cotangent === undefined
      ? []
      : split(
          cotangent,
          inputs.map((input) => at(input.shape, axis)),
          axis,
        ),
  onnx: (builder, inputs, { attributes: { axis } }) => [
    builder.node('Concat', inputs, { attributes: { axis } }),
  ],
  reference(inputs, { outputs, attributes: { axis } }) {
    const output = fill(at(outputs, 0), () => 0);
    const strides = stridesOf(output.shape);
    let start = 0;
    for (const input of inputs) {
      const targets = stridedIndices(input.shape, strides, start * at(strides, axis));
      targets.forEach((target, i) => (output.data[target] = input.data[i] ?? 0));
      start += at(input.shape, axis);
    }
    return [output];
  },
};

/** Tensors joined along an existing axis. @throws {ShapeError} when another axis differs */
export function concat(tensors: readonly Tensor[], axis = -1): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new ShapeError('concat: got no tensors; give at least one.');
  return tensors.length === 1
    ? first
    : applyOne(concatOp, tensors, { axis: normalizeAxis(axis, first.shape.length, 'concat') });
}

/** Tensors of one shape joined along a new axis. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  const rank = at(tensors, 0).shape.length + 1;
  const position = normalizeAxis(axis, rank, 'stack');
  return concat(
    tensors.map((tensor) => expandDims(tensor, position)),
    position,
  );
}

/** A new axis of size 1 at `axis`. */
export function expandDims(x: Tensor, axis: number): Tensor {
  const position = normalizeAxis(axis, x.shape.length + 1, 'expandDims');
  return reshape(x, [...x.shape.slice(0, position), 1, ...x.shape.slice(position)]);
}

export const padOp: Op<{ readonly widths: readonly (readonly [number, number])[] }> = {
  name: 'pad',
  shape(inputs, { widths }) {
    const x = at(inputs, 0);
    if (widths.length !== x.shape.length || widths.flat().some((width) => width < 0)) {
      throw new ShapeError(
        `pad: got widths for ${widths.length} axes of ${formatShape(x.shape)}; give [before, after] >= 0 for each axis.`,
      );
    }
    return [
      {
        dtype: x.dtype,
        shape: x.shape.map((dim, axis) => dim + at(at(widths, axis), 0) + at(at(widths, axis), 1)),
      },
    ];
  },
  vjp([cotangent], { inputs, attributes: { widths } }) {
    if (cotangent === undefined) return [];
    const starts = widths.map(([before]) => before);
    return [applyOne(sliceOp, [cotangent], { starts, sizes: at(inputs, 0).shape })];
  },
  onnx: (builder, inputs, { attributes: { widths } }) => [
    builder.node('Pad', [
      at(inputs, 0),
      builder.int64s([...widths.map(([a]) => a), ...widths.map(([, b]) => b)]),
    ]),
  ],
  reference(inputs, { outputs, attributes: { widths } }) {
    const x = at(inputs, 0);
    const output = fill(at(outputs, 0), () => 0);
    const strides = stridesOf(output.shape);
    const start = widths.reduce((sum, [before], axis) => sum + before * at(strides, axis), 0);
    stridedIndices(x.shape, strides, start).forEach((target, i) => (output.data[target] = x.data[i] ?? 0));
    return [output];
  },
};

/** Zeros added around `x`. @param widths [before, after] for each axis */
export function pad(x: Tensor, widths: readonly (readonly number[])[]): Tensor {
  if (widths.flat().every((width) => width === 0)) return x;
  return applyOne(padOp, [x], { widths: widths.map(([before = 0, after = 0]) => [before, after] as const) });
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
  return applyOne(flipOp, [x], { axes: normalizeAxes(axes, x.shape.length, 'flip') });
}
