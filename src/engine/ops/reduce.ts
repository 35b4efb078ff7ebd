// Reductions along axes: sum, mean, max, logsumexp, argmax.
import type { TypedArray } from '../../core/dtype.js';
import type { Op, Tensor, TensorType } from '../graph.js';
import { ShapeError } from '../../core/errors.js';
import { normalizeAxes, normalizeAxis, reduceShape, sizeOf, stridesOf } from '../../core/shape.js';
import { applyOne } from '../graph.js';
import { div, equal, mul, sub } from './arithmetic.js';
import { broadcastTo, reshape } from './layout.js';
import { at, commonDType, fill, requireFloat, stridedIndices } from './support.js';
import { cast } from './cast.js';
import { exp } from './unary.js';

interface ReduceAttributes extends Readonly<Record<string, unknown>> {
  /** Normalized and sorted. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

interface ReduceRule {
  readonly name: string;
  readonly onnx: string;
  /** Value of the elements that fall together. */
  readonly value: (elements: readonly number[]) => number;
  /** Cotangent of x; `spread` broadcasts something of the reduced shape back over x. */
  readonly vjp: (
    cotangent: Tensor,
    x: Tensor,
    y: Tensor,
    spread: (reduced: Tensor) => Tensor,
    axes: readonly number[],
  ) => Tensor;
  readonly emptyError?: boolean;
}

/** Groups the elements of `data` that reduce to one output element, in output order. */
function groups(data: TypedArray, shape: readonly number[], axes: readonly number[]): number[][] {
  const strides = stridesOf(shape);
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const part = (list: readonly number[]): Int32Array =>
    stridedIndices(
      list.map((axis) => at(shape, axis)),
      list.map((axis) => at(strides, axis)),
    );
  const inner = part(axes);
  return Array.from(part(kept), (base) => Array.from(inner, (offset) => data[base + offset] ?? 0));
}

function reduction(rule: ReduceRule): Op<ReduceAttributes> {
  return {
    name: rule.name,
    shape([x], { axes, keepDims }) {
      const type = at([x as TensorType], 0);
      if (rule.emptyError && axes.some((axis) => type.shape[axis] === 0)) {
        throw new ShapeError(`${rule.name}: an axis of size 0 has no ${rule.name}; reduce a non-empty axis.`);
      }
      return [{ dtype: type.dtype, shape: reduceShape(type.shape, axes, keepDims) }];
    },
    vjp([cotangent], { inputs, outputs, attributes }) {
      if (cotangent === undefined) return [];
      const x = at(inputs, 0);
      const keptShape = reduceShape(x.shape, attributes.axes, true);
      const spread = (reduced: Tensor): Tensor => broadcastTo(reshape(reduced, keptShape), x.shape);
      return [rule.vjp(cotangent, x, at(outputs, 0), spread, attributes.axes)];
    },
    onnx: (builder, [x], { attributes: { axes, keepDims } }) => [
      builder.node(rule.onnx, [x ?? '', builder.int64s(axes)], {
        attributes: { keepdims: keepDims ? 1 : 0, noop_with_empty_axes: 1 },
      }),
    ],
    reference(inputs, { outputs, attributes }) {
      const x = at(inputs, 0);
      const values = groups(x.data, x.shape, attributes.axes);
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

export const sumOp = reduction({
  name: 'sum',
  onnx: 'ReduceSum',
  value: total,
  vjp: (g, _x, _y, spread) => spread(g),
});

export const meanOp = reduction({
  name: 'mean',
  onnx: 'ReduceMean',
  value: (elements) => total(elements) / elements.length,
  vjp: (g, x, y, spread) => spread(mul(g, sizeOf(y.shape) / Math.max(1, sizeOf(x.shape)))),
});

/** Elements that tie for the maximum share the cotangent evenly. */
export const maxOp = reduction({
  name: 'max',
  onnx: 'ReduceMax',
  value: largest,
  emptyError: true,
  vjp: (g, x, y, spread, axes) => {
    const chosen = cast(equal(x, spread(y)), x.dtype);
    return mul(chosen, spread(div(g, reshape(sum(chosen, axes), y.shape))));
  },
});

export const logSumExpOp = reduction({
  name: 'logSumExp',
  onnx: 'ReduceLogSumExp',
  value: logSumExpValue,
  emptyError: true,
  vjp: (g, x, y, spread) => mul(spread(g), exp(sub(x, spread(y)))),
});

export interface ReduceOptions {
  /** Keep reduced axes with size 1. */
  readonly keepDims?: boolean;
}

type Axes = number | readonly number[];

function reduceFunction(
  op: Op<ReduceAttributes>,
  floatsOnly: boolean,
): (x: Tensor, axes?: Axes, options?: ReduceOptions) => Tensor {
  return (x, axes, options = {}) => {
    if (floatsOnly) requireFloat(op.name, x);
    const normalized = normalizeAxes(axes, x.shape.length, op.name);
    return applyOne(op, [x], { axes: normalized, keepDims: options.keepDims ?? false });
  };
}

/** Sum along axes (default: all). */
export const sum = reduceFunction(sumOp, false);
/** Arithmetic mean along axes (default: all). */
export const mean = reduceFunction(meanOp, true);
/** Maximum along axes (default: all). */
export const max = reduceFunction(maxOp, false);
/** log(sum(e^x)) along axes (default: all), without overflow. */
export const logSumExp = reduceFunction(logSumExpOp, true);

/** Minimum along axes (default: all). */
export function min(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return mul(max(mul(x, -1), axes, options), -1);
}

/** Index of the first maximum along one axis, as int32. */
export const argmaxOp: Op<{ readonly axis: number; readonly keepDims: boolean }> = {
  name: 'argmax',
  shape: ([x], { axis, keepDims }) => {
    const type = at([x as TensorType], 0);
    if (type.shape[axis] === 0) throw new ShapeError('argmax: an axis of size 0 has no maximum.');
    return [{ dtype: 'int32', shape: reduceShape(type.shape, [axis], keepDims) }];
  },
  vjp: () => [],
  onnx: (builder, [x], { attributes: { axis, keepDims } }) => [
    builder.cast(
      builder.node('ArgMax', [x ?? ''], { attributes: { axis, keepdims: keepDims ? 1 : 0 } }),
      'int32',
    ),
  ],
  reference(inputs, { outputs, attributes }) {
    const x = at(inputs, 0);
    const values = groups(x.data, x.shape, [attributes.axis]);
    return [fill(at(outputs, 0), (i) => (values[i] ?? []).indexOf(largest(values[i] ?? [])))];
  },
};

/** Index of the first maximum along `axis` (default: the last), int32. Has no gradient. */
export function argmax(x: Tensor, axis = -1, options: ReduceOptions = {}): Tensor {
  commonDType('argmax', [x]);
  return applyOne(argmaxOp, [x], {
    axis: normalizeAxis(axis, x.shape.length, 'argmax'),
    keepDims: options.keepDims ?? false,
  });
}
