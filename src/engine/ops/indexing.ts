// Reading and adding slices at positions that are data: gather and its transpose, scatter-add. One-hot vectors.
import type { DType } from '../../core/dtype.js';
import { isFloat } from '../../core/dtype.js';
import { RuntimeError, ShapeError } from '../../core/errors.js';
import type { Shape } from '../../core/shape.js';
import { formatShape, normalizeAxis, sameShape, sizeOf, stridesOf } from '../../core/shape.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Node, Op, Tensor, TensorType } from '../graph.js';
import { applyOne } from '../graph.js';
import type { OnnxBuilder } from '../onnx/builder.js';
import { cast } from './cast.js';
import { equal } from './comparison.js';
import { range } from './constant.js';
import { emitReshape, expandDims, isZeros, zerosLike } from './layout.js';
import type { AxisAttributes } from './support.js';
import { at, commonDType, fill, pick, requireInt32, requireNumber, stridedIndices } from './support.js';

/** An index counted from the front. @throws {RuntimeError} when it does not exist */
export function resolveIndex(index: number, dim: number, where: string): number {
  if (index >= -dim && index < dim) return index < 0 ? index + dim : index;
  throw new RuntimeError(`${where}: index ${index} does not exist on an axis of size ${dim}.`, {
    fields: { index, dim },
  });
}

/** A copy of `x` with updates added at flat positions, in order. */
export function addAt(x: TensorData, positions: Int32Array, updates: TensorData): TensorData {
  const result = fill(x, (i) => x.data[i] ?? 0);
  positions.forEach((position, i) => {
    result.data[position] = (result.data[position] ?? 0) + (updates.data[i] ?? 0);
  });
  return result;
}

/** @throws {ShapeError} unless `given` is `expected` */
export function requireShape(where: string, given: Shape, expected: Shape): void {
  if (sameShape(given, expected)) return;
  throw new ShapeError(`${where} are ${formatShape(given)}; they must be ${formatShape(expected)}.`, {
    fields: { given, expected },
  });
}

/** The shape of what `gather` takes: the axis of x is replaced by the axes of the indices. */
function gatheredShape(x: Shape, indices: Shape, axis: number): Shape {
  return [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)];
}

/** For each element of what `gather` takes, its flat position in x. */
function gatheredPositions(x: TensorData, indices: TensorData, axis: number, where: string): Int32Array {
  const strides = stridesOf(x.shape);
  const outer = stridedIndices(x.shape.slice(0, axis), strides.slice(0, axis));
  const inner = at(strides, axis);
  const starts = Array.from(indices.data, (index) => resolveIndex(index, at(x.shape, axis), where) * inner);
  const rows = Array.from(outer, (base) => starts.map((start) => base + start)).flat();
  return Int32Array.from(
    { length: rows.length * inner },
    (_, i) => at(rows, Math.floor(i / inner)) + (i % inner),
  );
}

export const gatherOp: Op<AxisAttributes> = {
  name: 'gather',
  shape(inputs, { axis }) {
    const [x, indices] = [at(inputs, 0), at(inputs, 1)];
    requireInt32('gather', 'indices', indices);
    return [{ dtype: x.dtype, shape: gatheredShape(x.shape, indices.shape, axis) }];
  },
  vjp([cotangent], { inputs, attributes: { axis } }) {
    if (cotangent === undefined) return [];
    return [scatterAdd(zerosLike(at(inputs, 0)), at(inputs, 1), cotangent, axis)];
  },
  onnx: (builder, inputs, { attributes: { axis } }) => [
    builder.node('Gather', inputs, { attributes: { axis } }),
  ],
  reference(inputs, { outputs, attributes: { axis } }) {
    const [x, indices] = [at(inputs, 0), at(inputs, 1)];
    return [pick(x, gatheredPositions(x, indices, axis, 'gather'), at(outputs, 0).shape)];
  },
};

/**
 * Slices of `x` at `indices`: y[i] = x[indices[i]] along `axis`.
 * @param x [..., size, ...]
 * @param indices int32 of any shape, in [-size, size); negative ones count from the end
 * @returns the shape of x with the axis replaced by the axes of `indices`: for an embedding table [vocabulary, width]
 *   and ids [batch, time] it is [batch, time, width]
 *
 * An index that does not exist is a RuntimeError when the graph runs.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  return applyOne(gatherOp, [x, indices], { axis: normalizeAxis(axis, x.shape.length, 'gather') });
}

/**
 * Up to this many rows an addition of rows is a product with a one-hot matrix. Measured on two cores, 2,048 updates of
 * width 256, milliseconds for the product and for ScatterElements: 65 rows 0.7 and 2.7, 256 rows 1.5 and 3.2, 512 rows
 * 3.1 and 4.9, 1,024 rows 7.0 and 6.2, 4,096 rows 31 and 5.9. Both add in a fixed order and repeat bit for bit.
 * ScatterND does not: with a reduction and repeated indices its threads race. In a product an update that is not finite
 * spoils all rows, not only its own.
 */
const mostOneHotRows = 512;

/** A one-hot matrix is not made larger than 32 MiB. */
const mostOneHotElements = 2 ** 23;

function fitsProduct(x: TensorType, indices: TensorType, axis: number): boolean {
  const [rows = 0, count] = [x.shape[0], sizeOf(indices.shape)];
  const isSmall = rows <= mostOneHotRows && rows * count <= mostOneHotElements;
  return axis === 0 && isSmall && count > 0 && isFloat(x.dtype);
}

export const scatterAddOp: Op<AxisAttributes> = {
  name: 'scatterAdd',
  shape(inputs, { axis }) {
    const [x, indices, updates] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    const dtype = commonDType('scatterAdd', [x, updates]);
    requireNumber('scatterAdd', x);
    requireInt32('scatterAdd', 'indices', indices);
    requireShape('scatterAdd: updates', updates.shape, gatheredShape(x.shape, indices.shape, axis));
    return [{ dtype, shape: x.shape }];
  },
  vjp([cotangent], { inputs, attributes: { axis } }) {
    if (cotangent === undefined) return [];
    return [cotangent, undefined, gather(cotangent, at(inputs, 1), axis)];
  },
  onnx(builder, names, node) {
    const [x, indices] = [at(node.inputs, 0), at(node.inputs, 1)];
    const emit = fitsProduct(x, indices, node.attributes.axis) ? addRowsByProduct : addByScatter;
    return [emit(builder, names, node)];
  },
  reference(inputs, { attributes: { axis } }) {
    const [x, indices, updates] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    return [addAt(x, gatheredPositions(x, indices, axis, 'scatterAdd'), updates)];
  },
};

/** x + onehot(indices)^T updates. Taking the indices out of 0, 1, 2, ... counts them from the front, and checks them. */
function addRowsByProduct(
  builder: OnnxBuilder,
  names: readonly string[],
  node: Node<AxisAttributes>,
): string {
  const [x, indices] = [at(node.inputs, 0), at(node.inputs, 1)];
  const [rows, count] = [at(x.shape, 0), sizeOf(indices.shape)];
  const rowNumbers = Int32Array.from({ length: rows }, (_, i) => i);
  const listed = builder.node('Gather', [
    builder.constant('int32', [rows], rowNumbers),
    emitReshape(builder, at(names, 1), [1, count]),
  ]);
  const oneHot = builder.cast(
    builder.node('Equal', [builder.constant('int32', [rows, 1], rowNumbers), listed]),
    x.dtype,
  );
  const updates = emitReshape(builder, at(names, 2), [count, sizeOf(x.shape.slice(1))]);
  const product = emitReshape(builder, builder.node('MatMul', [oneHot, updates]), x.shape);
  return isZeros(x) ? product : builder.node('Add', [at(names, 0), product]);
}

/** ScatterElements, with every index repeated along its slice; nothing where there is nothing to add. */
function addByScatter(builder: OnnxBuilder, names: readonly string[], node: Node<AxisAttributes>): string {
  const [{ shape }, indices] = [at(node.inputs, 0), at(node.inputs, 1)];
  const { axis } = node.attributes;
  const flat = shape.map((dim, i) => (i === axis ? sizeOf(indices.shape) : dim));
  if (sizeOf(flat) === 0) return at(names, 0);
  const column = flat.map((dim, i) => (i === axis ? dim : 1));
  const repeated = builder.node('Expand', [emitReshape(builder, at(names, 1), column), builder.int64s(flat)]);
  const updates = emitReshape(builder, at(names, 2), flat);
  return builder.node('ScatterElements', [at(names, 0), repeated, updates], {
    attributes: { axis, reduction: 'add' },
  });
}

/**
 * `x` with slices added: y[indices[i]] += updates[i] along `axis`, also where indices repeat. The transpose of `gather`.
 * @param x [..., size, ...]
 * @param indices int32 of any shape, in [-size, size); negative ones count from the end
 * @param updates the shape of gather(x, indices, axis)
 * @returns the shape of x
 *
 * The order of additions is fixed: the same inputs give the same bits in every run.
 */
export function scatterAdd(x: Tensor, indices: Tensor, updates: Tensor, axis = 0): Tensor {
  const normalized = normalizeAxis(axis, x.shape.length, 'scatterAdd');
  return applyOne(scatterAddOp, [x, indices, updates], { axis: normalized });
}

/**
 * 1 at the place of the index along a new last axis, 0 elsewhere.
 * @param indices int32 of any shape; one outside of [0, depth) gives zeros
 * @returns indices.shape + [depth]
 */
export function oneHot(indices: Tensor, depth: number, dtype: DType = 'float32'): Tensor {
  return cast(equal(expandDims(indices, -1), range(depth)), dtype);
}
