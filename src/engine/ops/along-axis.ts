// Reading and adding single elements along an axis at positions that are data.
import { ShapeError } from '../../core/errors.js';
import { formatShape, normalizeAxis, stridesOf } from '../../core/shape.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Op, Tensor, TensorType } from '../graph.js';
import { applyOne } from '../graph.js';
import { addAt, requireShape, resolveIndex } from './indexing.js';
import { zerosLike } from './layout.js';
import type { AxisAttributes } from './support.js';
import { at, commonDType, pick, requireInt32, requireNumber, stridedIndices } from './support.js';

/** For each index, the flat position in `x` of the element it names. */
export function positionsAlong(x: TensorData, indices: TensorData, axis: number, where: string): Int32Array {
  const strides = stridesOf(x.shape);
  const stride = at(strides, axis);
  const bases = stridedIndices(
    indices.shape,
    strides.map((value, i) => (i === axis ? 0 : value)),
  );
  return bases.map((base, i) => base + resolveIndex(indices.data[i] ?? 0, at(x.shape, axis), where) * stride);
}

/** @throws {ShapeError} unless the indices are int32 and have the shape of x except along `axis` */
function checkIndices(where: string, x: TensorType, indices: TensorType, axis: number): void {
  requireInt32(where, 'indices', indices);
  const fits =
    x.shape.length === indices.shape.length &&
    x.shape.every((dim, i) => i === axis || dim === indices.shape[i]);
  if (fits) return;
  throw new ShapeError(
    `${where}: indices ${formatShape(indices.shape)} do not fit ${formatShape(x.shape)}; all axes but axis ${axis} must be equal.`,
    { fields: { given: indices.shape, expected: x.shape, axis } },
  );
}

export const takeAlongAxisOp: Op<AxisAttributes> = {
  name: 'takeAlongAxis',
  shape(inputs, { axis }) {
    const [x, indices] = [at(inputs, 0), at(inputs, 1)];
    checkIndices('takeAlongAxis', x, indices, axis);
    return [{ dtype: x.dtype, shape: indices.shape }];
  },
  vjp([cotangent], { inputs, attributes: { axis } }) {
    if (cotangent === undefined) return [];
    return [scatterAddAlongAxis(zerosLike(at(inputs, 0)), at(inputs, 1), cotangent, axis)];
  },
  onnx: (builder, inputs, { attributes: { axis } }) => [
    builder.node('GatherElements', inputs, { attributes: { axis } }),
  ],
  reference(inputs, { attributes: { axis } }) {
    const [x, indices] = [at(inputs, 0), at(inputs, 1)];
    return [pick(x, positionsAlong(x, indices, axis, 'takeAlongAxis'), indices.shape)];
  },
};

export const scatterAddAlongAxisOp: Op<AxisAttributes> = {
  name: 'scatterAddAlongAxis',
  shape(inputs, { axis }) {
    const [x, indices, updates] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    const dtype = commonDType('scatterAddAlongAxis', [x, updates]);
    requireNumber('scatterAddAlongAxis', x);
    checkIndices('scatterAddAlongAxis', x, indices, axis);
    requireShape('scatterAddAlongAxis: updates', updates.shape, indices.shape);
    return [{ dtype, shape: x.shape }];
  },
  vjp([cotangent], { inputs, attributes: { axis } }) {
    if (cotangent === undefined) return [];
    return [cotangent, undefined, takeAlongAxis(cotangent, at(inputs, 1), axis)];
  },
  onnx: (builder, inputs, { attributes: { axis } }) => [
    builder.node('ScatterElements', inputs, { attributes: { axis, reduction: 'add' } }),
  ],
  reference(inputs, { attributes: { axis } }) {
    const [x, indices, updates] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    return [addAt(x, positionsAlong(x, indices, axis, 'scatterAddAlongAxis'), updates)];
  },
};

/**
 * Elements along an axis: y[i, j] = x[i, indices[i, j]] for axis 1 of a matrix.
 * @param x [..., size, ...]
 * @param indices int32 [..., count, ...], in [-size, size), with the other axes of x; negative ones count from the end
 * @returns the shape of `indices`
 */
export function takeAlongAxis(x: Tensor, indices: Tensor, axis = -1): Tensor {
  const normalized = normalizeAxis(axis, x.shape.length, 'takeAlongAxis');
  return applyOne(takeAlongAxisOp, [x, indices], { axis: normalized });
}

/**
 * `x` with elements added along an axis: y[i, indices[i, j]] += updates[i, j] for axis 1 of a matrix, also where indices
 * repeat. The transpose of `takeAlongAxis`.
 * @param indices int32, as for `takeAlongAxis`
 * @param updates the shape of `indices`
 * @returns the shape of x
 */
export function scatterAddAlongAxis(x: Tensor, indices: Tensor, updates: Tensor, axis = -1): Tensor {
  const normalized = normalizeAxis(axis, x.shape.length, 'scatterAddAlongAxis');
  return applyOne(scatterAddAlongAxisOp, [x, indices, updates], { axis: normalized });
}
