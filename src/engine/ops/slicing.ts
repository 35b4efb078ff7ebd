// Ops that take tensors apart and put them together along axes: slice, split, concat, pad.
import { ShapeError } from '../../core/errors.js';
import type { Shape } from '../../core/shape.js';
import { formatShape, normalizeAxis, stridesOf } from '../../core/shape.js';
import type { Op, Tensor } from '../graph.js';
import { apply, applyOne } from '../graph.js';
import { expandDims, reshape, zerosLike } from './layout.js';
import { at, commonDType, fill, pick, stridedIndices } from './support.js';

/** `shape` with another size of one axis. */
function withDim(shape: Shape, axis: number, dim: number): Shape {
  return shape.map((size, i) => (i === axis ? dim : size));
}

export interface SliceAttributes extends Readonly<Record<string, unknown>> {
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
    const widths = shape.map((dim, axis) => [at(starts, axis), dim - at(starts, axis) - at(sizes, axis)]);
    return [pad(cotangent, widths)];
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
  return applyOne(sliceOp, [x], { starts, sizes: withDim(x.shape, normalized, to - from) });
}

/** One index along an axis, with the axis dropped. */
export function select(x: Tensor, axis: number, index: number): Tensor {
  const normalized = normalizeAxis(axis, x.shape.length, 'select');
  const from = index < 0 ? index + at(x.shape, normalized) : index;
  const rest = x.shape.filter((_, i) => i !== normalized);
  return reshape(slice(x, normalized, from, from + 1), rest);
}

export const splitOp: Op<{ readonly axis: number; readonly sizes: readonly number[] }> = {
  name: 'split',
  shape(inputs, { axis, sizes }) {
    const x = at(inputs, 0);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total !== x.shape[axis] || sizes.some((size) => size < 0)) {
      throw new ShapeError(
        `split: sizes ${formatShape(sizes)} add up to ${total}, but axis ${axis} of ${formatShape(x.shape)} has ${x.shape[axis]}; they must be equal.`,
        { fields: { given: x.shape, axis, sizes } },
      );
    }
    return sizes.map((size) => ({ dtype: x.dtype, shape: withDim(x.shape, axis, size) }));
  },
  vjp(cotangents, { outputs, attributes: { axis } }) {
    const parts = outputs.map((output, i) => cotangents[i] ?? zerosLike(output));
    return [concat(parts, axis)];
  },
  onnx: (builder, inputs, { attributes: { axis, sizes } }) =>
    builder.nodes('Split', [at(inputs, 0), builder.int64s(sizes)], sizes.length, { attributes: { axis } }),
  reference(inputs, { outputs, attributes: { axis } }) {
    const x = at(inputs, 0);
    const strides = stridesOf(x.shape);
    let start = 0;
    return outputs.map(({ shape }) => {
      const part = pick(x, stridedIndices(shape, strides, start * at(strides, axis)), shape);
      start += at(shape, axis);
      return part;
    });
  },
};

/** Consecutive parts of the given sizes along an axis. @throws {ShapeError} when the sizes do not add up */
export function split(x: Tensor, sizes: readonly number[], axis = -1): readonly Tensor[] {
  if (sizes.length === 1 && sizes[0] === x.shape.at(axis)) return [x];
  return apply(splitOp, [x], { axis: normalizeAxis(axis, x.shape.length, 'split'), sizes });
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
    return [{ dtype, shape: withDim(first.shape, axis, joined) }];
  },
  vjp([cotangent], { inputs, attributes: { axis } }) {
    if (cotangent === undefined) return [];
    const sizes = inputs.map((input) => at(input.shape, axis));
    return split(cotangent, sizes, axis);
  },
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
  const rank = (tensors[0]?.shape.length ?? 0) + 1;
  const position = normalizeAxis(axis, rank, 'stack');
  return concat(
    tensors.map((tensor) => expandDims(tensor, position)),
    position,
  );
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
