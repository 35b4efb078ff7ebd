// Ranges whose start is known only when the graph runs: reading one out of a tensor, and writing one into it.
import type { Op, Tensor, TensorType } from '../graph.js';
import { ShapeError } from '../../core/errors.js';
import { formatShape, normalizeAxis, stridesOf } from '../../core/shape.js';
import { applyOne } from '../graph.js';
import { boundedStart, overwriteRange } from '../overwrite-range.js';
import { zerosLike } from './layout.js';
import { at, commonDType, fill, pick, requireInt32, stridedIndices } from './support.js';

export interface DynamicSliceAttributes extends Readonly<Record<string, unknown>> {
  readonly axis: number;
  readonly size: number;
}

function checkRange(name: string, x: TensorType, start: TensorType, axis: number, size: number): void {
  requireInt32(name, 'starts', start);
  if (start.shape.length === 0 && size >= 0 && size <= at(x.shape, axis)) return;
  throw new ShapeError(
    `${name}: a range of ${size} with start ${formatShape(start.shape)} does not fit axis ${axis} of ${formatShape(x.shape)}; the start must be a scalar and the range at most as long as the axis.`,
    { fields: { given: x.shape, axis, size } },
  );
}

/** Emits the start bounded to the axis, as a vector of one element. */
function emitStart(builder: Parameters<Op['onnx']>[0], start: string, limit: number): string {
  const low = builder.node('Max', [start, builder.scalar('int32', 0)]);
  const bounded = builder.node('Min', [low, builder.scalar('int32', limit)]);
  return builder.node('Reshape', [builder.cast(bounded, 'int64'), builder.int64s([1])]);
}

export const dynamicSliceOp: Op<DynamicSliceAttributes> = {
  name: 'dynamicSlice',
  shape(inputs, { axis, size }) {
    const x = at(inputs, 0);
    checkRange('dynamicSlice', x, at(inputs, 1), axis, size);
    return [{ dtype: x.dtype, shape: x.shape.map((dim, i) => (i === axis ? size : dim)) }];
  },
  vjp([cotangent], { inputs, attributes: { axis } }) {
    if (cotangent === undefined) return [];
    const [x, start] = [at(inputs, 0), at(inputs, 1)];
    return [updateSlice(zerosLike(x), cotangent, start, axis)];
  },
  onnx(builder, inputs, { inputs: [x], attributes: { axis, size } }) {
    const start = emitStart(builder, at(inputs, 1), (x?.shape[axis] ?? 0) - size);
    const end = builder.node('Add', [start, builder.int64s([size])]);
    return [builder.node('Slice', [at(inputs, 0), start, end, builder.int64s([axis])])];
  },
  reference(inputs, { outputs, attributes: { axis, size } }) {
    const x = at(inputs, 0);
    const strides = stridesOf(x.shape);
    const start = boundedStart(at(inputs, 1).data[0] ?? 0, at(x.shape, axis), size);
    const { shape } = at(outputs, 0);
    return [pick(x, stridedIndices(shape, strides, start * at(strides, axis)), shape)];
  },
};

export const updateSliceOp: Op<{ readonly axis: number }> = {
  name: 'updateSlice',
  shape(inputs, { axis }) {
    const [x, update, start] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    commonDType('updateSlice', [x, update]);
    checkRange('updateSlice', x, start, axis, update.shape[axis] ?? Infinity);
    if (
      update.shape.some((dim, i) => i !== axis && dim !== x.shape[i]) ||
      update.shape.length !== x.shape.length
    ) {
      throw new ShapeError(
        `updateSlice: ${formatShape(update.shape)} cannot be written into ${formatShape(x.shape)}; all axes but ${axis} must be equal.`,
        { fields: { given: update.shape, expected: x.shape, axis } },
      );
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  vjp([cotangent], { inputs, attributes: { axis } }) {
    if (cotangent === undefined) return [];
    const [update, start] = [at(inputs, 1), at(inputs, 2)];
    return [
      updateSlice(cotangent, zerosLike(update), start, axis),
      dynamicSlice(cotangent, start, at(update.shape, axis), axis),
    ];
  },
  // Positions along the axis are distinct, so that the scatter has no repeated targets.
  onnx(builder, inputs, { inputs: [x, update], attributes: { axis } }) {
    const size = update?.shape[axis] ?? 0;
    const start = emitStart(builder, at(inputs, 2), (x?.shape[axis] ?? 0) - size);
    const offsets = builder.node('Add', [builder.int64s(Array.from({ length: size }, (_, i) => i)), start]);
    const column = (update?.shape ?? []).map((dim, i) => (i === axis ? dim : 1));
    const positions = builder.node('Reshape', [offsets, builder.int64s(column)]);
    const indices = builder.node('Expand', [positions, builder.int64s(update?.shape ?? [])]);
    return [
      builder.node('ScatterElements', [at(inputs, 0), indices, at(inputs, 1)], { attributes: { axis } }),
    ];
  },
  reference(inputs, { attributes: { axis } }) {
    const x = at(inputs, 0);
    const result = fill(x, (i) => x.data[i] ?? 0);
    overwriteRange(result, at(inputs, 1), axis, at(inputs, 2).data[0] ?? 0);
    return [result];
  },
};

/**
 * `size` consecutive indices of an axis, from a start that is a tensor.
 * @param start int32 scalar; moved into the axis where the range would leave it
 */
export function dynamicSlice(x: Tensor, start: Tensor, size: number, axis: number): Tensor {
  return applyOne(dynamicSliceOp, [x, start], {
    axis: normalizeAxis(axis, x.shape.length, 'dynamicSlice'),
    size,
  });
}

/**
 * `x` with `update` written over consecutive indices of an axis.
 * @param start int32 scalar: where the update begins; moved into the axis where the range would leave it
 */
export function updateSlice(x: Tensor, update: Tensor, start: Tensor, axis: number): Tensor {
  return applyOne(updateSliceOp, [x, update, start], {
    axis: normalizeAxis(axis, x.shape.length, 'updateSlice'),
  });
}
