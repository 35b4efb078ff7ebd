// Reductions along axes: sum, mean, max, logsumexp, argmax.
import { ShapeError } from '../../core/errors.js';
import { formatShape, normalizeAxes, normalizeAxis, reduceShape, sizeOf } from '../../core/shape.js';
import type { TensorData } from '../../core/tensor-data.js';
import type { Op, Tensor, TensorType } from '../graph.js';
import { applyOne } from '../graph.js';
import { div, mul, sub } from './arithmetic.js';
import { cast } from './cast.js';
import { equal } from './comparison.js';
import { broadcastTo, emitReshape, reshape } from './layout.js';
import { at, fill, groupsOf, requireFloat, requireNumber } from './support.js';
import { exp, neg } from './unary.js';
import { where } from './where.js';

export interface ReduceAttributes extends Readonly<Record<string, unknown>> {
  /** Normalized and sorted. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

interface ReduceRule {
  readonly name: string;
  readonly onnx: string;
  /** @throws {ShapeError} when the op is not defined for a dtype */
  readonly check: (where: string, input: TensorType) => void;
  /** Whether no elements at all have a value, as they have a sum. */
  readonly acceptsEmpty: boolean;
  /** Value of the elements that fall together. */
  readonly value: (elements: readonly number[]) => number;
  readonly vjp: (parts: ReduceParts) => Tensor;
}

/** What a vjp rule works with. `cotangent` and `y` keep reduced axes as 1, so that they broadcast against `x`. */
interface ReduceParts {
  readonly cotangent: Tensor;
  readonly x: Tensor;
  readonly y: Tensor;
  readonly axes: readonly number[];
}

/** The elements that reduce to one output element, in output order. */
function elementGroups(x: TensorData, axes: readonly number[]): number[][] {
  return groupsOf(x.shape, axes).map((group) => Array.from(group, (position) => x.data[position] ?? 0));
}

/** @throws {ShapeError} when there is nothing to choose from */
function requireElements(name: string, { shape }: TensorType, axes: readonly number[]): void {
  const axis = axes.find((axis) => shape[axis] === 0);
  if (axis === undefined) return;
  throw new ShapeError(
    `${name}: axis ${axis} of ${formatShape(shape)} is empty and has no ${name}; it must have at least one element.`,
    { fields: { given: shape, axis } },
  );
}

function reduction(rule: ReduceRule): Op<ReduceAttributes> {
  return {
    name: rule.name,
    shape(inputs, { axes, keepDims }) {
      const x = at(inputs, 0);
      rule.check(rule.name, x);
      if (!rule.acceptsEmpty) requireElements(rule.name, x, axes);
      return [{ dtype: x.dtype, shape: reduceShape(x.shape, axes, keepDims) }];
    },
    vjp([cotangent], { inputs, outputs, attributes: { axes } }) {
      if (cotangent === undefined) return [];
      const x = at(inputs, 0);
      const kept = reduceShape(x.shape, axes, true);
      return [rule.vjp({ cotangent: reshape(cotangent, kept), x, y: reshape(at(outputs, 0), kept), axes })];
    },
    onnx: (builder, inputs, { attributes: { axes, keepDims } }) => [
      builder.node(rule.onnx, [at(inputs, 0), builder.int64s(axes)], {
        attributes: { keepdims: Number(keepDims), noop_with_empty_axes: 1 },
      }),
    ],
    reference(inputs, { outputs, attributes: { axes } }) {
      const values = elementGroups(at(inputs, 0), axes);
      return [fill(at(outputs, 0), (i) => rule.value(values[i] ?? []))];
    },
  };
}

const total = (elements: readonly number[]): number => elements.reduce((sum, x) => sum + x, 0);
const largest = (elements: readonly number[]): number => elements.reduce((a, b) => Math.max(a, b), -Infinity);

function logSumExpValue(elements: readonly number[]): number {
  const shift = largest(elements);
  if (!Number.isFinite(shift)) return shift;
  return shift + Math.log(total(elements.map((x) => Math.exp(x - shift))));
}

const plainSumOp = reduction({
  name: 'sum',
  onnx: 'ReduceSum',
  check: requireNumber,
  acceptsEmpty: true,
  value: total,
  vjp: ({ cotangent, x }) => broadcastTo(cotangent, x.shape),
});

/** Rows from which on a sum over them is faster as a product with a row of ones. */
const manyRows = 64;

/** Rows and columns of a float32 tensor whose leading axes are summed, if there are many of them. */
function rowsToSum(x: TensorType, axes: readonly number[]): { rows: number; columns: number } | undefined {
  const isLeading = axes.length > 0 && axes.every((axis, i) => axis === i);
  const [rows, columns] = [x.shape.slice(0, axes.length), x.shape.slice(axes.length)].map(sizeOf);
  if (!isLeading || x.dtype !== 'float32' || rows === undefined || columns === undefined) return undefined;
  return rows < manyRows || columns < manyRows ? undefined : { rows, columns };
}

/** Sums over rows, the gradients of biases above all, take half the time as a matrix product. */
export const sumOp: Op<ReduceAttributes> = {
  ...plainSumOp,
  onnx(builder, inputs, node) {
    const wanted = rowsToSum(at(node.inputs, 0), node.attributes.axes);
    if (wanted === undefined) return plainSumOp.onnx(builder, inputs, node);
    const { rows, columns } = wanted;
    const matrix = emitReshape(builder, at(inputs, 0), [rows, columns]);
    const ones = builder.constant('float32', [1, rows], new Float32Array(rows).fill(1));
    return [emitReshape(builder, builder.node('MatMul', [ones, matrix]), at(node.outputs, 0).shape)];
  },
};

export const meanOp = reduction({
  name: 'mean',
  onnx: 'ReduceMean',
  check: requireFloat,
  acceptsEmpty: false,
  value: (elements) => total(elements) / elements.length,
  vjp({ cotangent, x, axes }) {
    const count = sizeOf(axes.map((axis) => at(x.shape, axis)));
    return broadcastTo(mul(cotangent, 1 / count), x.shape);
  },
});

/** Elements that tie for the maximum share the cotangent evenly. */
export const maxOp = reduction({
  name: 'max',
  onnx: 'ReduceMax',
  check: requireNumber,
  acceptsEmpty: false,
  value: largest,
  vjp({ cotangent, x, y, axes }) {
    const chosen = cast(equal(x, y), x.dtype);
    return mul(chosen, div(cotangent, sum(chosen, axes, { keepDims: true })));
  },
});

/** Where every element is -Infinity there is no gradient. */
export const logSumExpOp = reduction({
  name: 'logSumExp',
  onnx: 'ReduceLogSumExp',
  check: requireFloat,
  acceptsEmpty: false,
  value: logSumExpValue,
  vjp: ({ cotangent, x, y }) => mul(cotangent, exp(sub(x, where(equal(y, -Infinity), 0, y)))),
});

export interface ReduceOptions {
  /** Keep reduced axes with size 1. */
  readonly keepDims?: boolean;
}

type Axes = number | readonly number[];
type ReduceFunction = (x: Tensor, axes?: Axes, options?: ReduceOptions) => Tensor;

function reduceFunction(op: Op<ReduceAttributes>): ReduceFunction {
  return (x, axes, { keepDims = false } = {}) =>
    applyOne(op, [x], { axes: normalizeAxes(axes, x.shape.length, op.name), keepDims });
}

/** Arithmetic mean along axes (default: all). @throws {ShapeError} when an axis is empty */
export const mean = reduceFunction(meanOp);
/** Maximum along axes (default: all). @throws {ShapeError} when an axis is empty */
export const max = reduceFunction(maxOp);
/** log(sum(e^x)) along axes (default: all), without overflow. @throws {ShapeError} when an axis is empty */
export const logSumExp = reduceFunction(logSumExpOp);

const sumNumbers = reduceFunction(sumOp);

/** Sum along axes (default: all). Booleans are counted, as int32. */
export function sum(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  return sumNumbers(x.dtype === 'bool' ? cast(x, 'int32') : x, axes, options);
}

/** Minimum along axes (default: all). @throws {ShapeError} when an axis is empty */
export function min(x: Tensor, axes?: Axes, options?: ReduceOptions): Tensor {
  return neg(max(neg(x), axes, options));
}

export const argmaxOp: Op<{ readonly axis: number; readonly keepDims: boolean }> = {
  name: 'argmax',
  shape(inputs, { axis, keepDims }) {
    const x = at(inputs, 0);
    requireNumber('argmax', x);
    requireElements('argmax', x, [axis]);
    return [{ dtype: 'int32', shape: reduceShape(x.shape, [axis], keepDims) }];
  },
  vjp: () => [],
  onnx(builder, inputs, { attributes: { axis, keepDims } }) {
    const attributes = { axis, keepdims: Number(keepDims) };
    return [builder.cast(builder.node('ArgMax', inputs, { attributes }), 'int32')];
  },
  reference(inputs, { outputs, attributes: { axis } }) {
    const values = elementGroups(at(inputs, 0), [axis]);
    return [fill(at(outputs, 0), (i) => (values[i] ?? []).indexOf(largest(values[i] ?? [])))];
  },
};

/** Index of the first maximum along `axis` (default: the last), int32. Has no gradient. */
export function argmax(x: Tensor, axis = -1, { keepDims = false }: ReduceOptions = {}): Tensor {
  return applyOne(argmaxOp, [x], { axis: normalizeAxis(axis, x.shape.length, 'argmax'), keepDims });
}
