// What several op families share: broadcasting of values and cotangents, dtype checks. Knows no op's mathematics.
import type { DType, TypedArray } from '../../core/dtype.js';
import type { Shape } from '../../core/shape.js';
import type { Attributes, TensorType } from '../graph.js';
import { allocate } from '../../core/dtype.js';
import { ShapeError, invariant } from '../../core/errors.js';
import { sameShape, sizeOf, stridesOf } from '../../core/shape.js';
import { TensorData } from '../../core/tensor-data.js';

/** Of ops that have no parameters. */
export type NoAttributes = Readonly<Record<string, never>>;

/** Of ops that work along one axis, counted from the front. */
export interface AxisAttributes extends Attributes {
  readonly axis: number;
}

/** The i-th of a rule's inputs; a missing one is a bug of the caller. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  invariant(item !== undefined, `There is no item ${index}.`);
  return item;
}

/** @throws {ShapeError} unless all inputs have one dtype, which is returned */
export function commonDType(where: string, inputs: readonly TensorType[]): DType {
  const dtype = at(inputs, 0).dtype;
  const other = inputs.find((input) => input.dtype !== dtype);
  if (other !== undefined) {
    throw new ShapeError(
      `${where}: got ${dtype} and ${other.dtype}; both must have one dtype: use cast(x, '${dtype}').`,
      { fields: { given: inputs.map((input) => input.dtype) } },
    );
  }
  return dtype;
}

/** @throws {ShapeError} unless the input has one of the dtypes for which an op is defined */
function requireOneOf(where: string, input: TensorType, dtypes: readonly DType[], hint: string): void {
  if (dtypes.includes(input.dtype)) return;
  throw new ShapeError(`${where}: got ${input.dtype}; it is defined for ${hint}.`, {
    fields: { given: input.dtype, expected: dtypes },
  });
}

/** @throws {ShapeError} unless the input is floating point; float16 only stores, it does not compute */
export function requireFloat(where: string, input: TensorType): void {
  requireOneOf(where, input, ['float32', 'float64'], "floating point: use cast(x, 'float32')");
}

/** @throws {ShapeError} unless the input is a number to compute with: floating point or int32 */
export function requireNumber(where: string, input: TensorType): void {
  requireOneOf(where, input, ['float32', 'float64', 'int32'], "numbers: use cast(x, 'float32')");
}

/** @throws {ShapeError} unless the input can be ordered: numbers, and the random bits that are uint32 */
export function requireOrdered(where: string, input: TensorType): void {
  requireOneOf(where, input, ['float32', 'float64', 'int32', 'uint32'], "numbers: use cast(x, 'float32')");
}

/** @throws {ShapeError} unless the input is bool */
export function requireBool(where: string, input: TensorType): void {
  requireOneOf(where, input, ['bool'], 'bool: compare with greater, equal, ...');
}

/** @throws {ShapeError} unless the input is int32 */
export function requireInt32(where: string, what: string, input: TensorType): void {
  requireOneOf(`${where}: ${what}`, input, ['int32'], "int32: use cast(x, 'int32')");
}

/** A tensor filled by `f` of the flat row-major index. */
export function fill(type: TensorType, f: (index: number) => number): TensorData {
  const data = allocate(type.dtype, sizeOf(type.shape));
  for (let i = 0; i < data.length; i++) data[i] = f(i);
  return new TensorData(type.dtype, type.shape, data);
}

/** For each element of a tensor of shape `to`, the flat index of the element of `from` that broadcasting puts there. */
export function broadcastIndices(from: Shape, to: Shape): Int32Array {
  const offset = to.length - from.length;
  const fromStrides = stridesOf(from);
  const strides = to.map((_, axis) =>
    axis < offset || from[axis - offset] === 1 ? 0 : (fromStrides[axis - offset] ?? 0),
  );
  return stridedIndices(to, strides);
}

/** For each element of a tensor of `shape`, in row-major order, `start` plus its coordinates times `strides`. */
export function stridedIndices(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  const indices = new Int32Array(sizeOf(shape));
  const coordinates = shape.map(() => 0);
  let position = start;
  for (let i = 0; i < indices.length; i++) {
    indices[i] = position;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = at(coordinates, axis) + 1;
      if (next < at(shape, axis)) {
        coordinates[axis] = next;
        position += at(strides, axis);
        break;
      }
      coordinates[axis] = 0;
      position -= (next - 1) * at(strides, axis);
    }
  }
  return indices;
}

/** Flat positions of the elements that fall together when `axes` are dropped: one group for each coordinate of the other axes. */
export function groupsOf(shape: Shape, axes: readonly number[]): Int32Array[] {
  const strides = stridesOf(shape);
  const offsets = (list: readonly number[]): Int32Array =>
    stridedIndices(
      list.map((axis) => at(shape, axis)),
      list.map((axis) => at(strides, axis)),
    );
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const inner = offsets(axes);
  return Array.from(offsets(kept), (base) => inner.map((offset) => base + offset));
}

/** Flat positions of the lines of elements along an axis. */
export function linesOf(shape: Shape, axis: number): Int32Array[] {
  return groupsOf(shape, [axis]);
}

/** Elements of `data` picked by flat indices. */
export function pick(input: TensorData, indices: Int32Array, shape: Shape): TensorData {
  return fill({ dtype: input.dtype, shape }, (i) => input.data[indices[i] ?? 0] ?? 0);
}

/** The values of `input` repeated to `shape` by broadcasting. */
export function broadcastValues(input: TensorData, shape: Shape): TypedArray {
  if (sameShape(input.shape, shape)) return input.data;
  return pick(input, broadcastIndices(input.shape, shape), shape).data;
}
