// The largest elements along an axis, with their positions.
import { ShapeError } from '../../core/errors.js';
import { formatShape, normalizeAxis } from '../../core/shape.js';
import type { Op, Tensor } from '../graph.js';
import { apply } from '../graph.js';
import { positionsAlong, scatterAddAlongAxis } from './along-axis.js';
import { zerosLike } from './layout.js';
import { at, fill, linesOf, pick, requireNumber } from './support.js';

export interface TopKAttributes extends Readonly<Record<string, unknown>> {
  readonly k: number;
  readonly axis: number;
}

/** Outputs: the values in descending order, and their indices. */
export const topKOp: Op<TopKAttributes> = {
  name: 'topK',
  shape(inputs, { k, axis }) {
    const x = at(inputs, 0);
    requireNumber('topK', x);
    const dim = at(x.shape, axis);
    if (!Number.isInteger(k) || k < 1 || k > dim) {
      throw new ShapeError(
        `topK: k is ${k}, and axis ${axis} of ${formatShape(x.shape)} has ${dim} elements; k must lie in 1..${dim}.`,
        { fields: { given: x.shape, axis, k } },
      );
    }
    const shape = x.shape.map((size, i) => (i === axis ? k : size));
    return [
      { dtype: x.dtype, shape },
      { dtype: 'int32', shape },
    ];
  },
  vjp([ofValues], { inputs, outputs, attributes: { axis } }) {
    if (ofValues === undefined) return [];
    return [scatterAddAlongAxis(zerosLike(at(inputs, 0)), at(outputs, 1), ofValues, axis)];
  },
  onnx(builder, inputs, { attributes: { k, axis } }) {
    const found = builder.nodes('TopK', [at(inputs, 0), builder.int64s([k])], 2, { attributes: { axis } });
    return [at(found, 0), builder.cast(at(found, 1), 'int32')];
  },
  reference(inputs, { outputs, attributes: { axis } }) {
    const x = at(inputs, 0);
    const order = linesOf(x.shape, axis).map((line) =>
      rankedIndices(Array.from(line, (i) => x.data[i] ?? 0)),
    );
    const indices = fill(at(outputs, 1), () => 0);
    linesOf(indices.shape, axis).forEach((line, row) => {
      line.forEach((position, i) => (indices.data[position] = order[row]?.[i] ?? 0));
    });
    return [pick(x, positionsAlong(x, indices, axis, 'topK'), indices.shape), indices];
  },
};

/** Indices of a list from its largest element to its smallest; of equal ones the first comes first. */
function rankedIndices(values: readonly number[]): number[] {
  return values.map((_, i) => i).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
}

/**
 * The `k` largest elements along an axis, in descending order; of equal ones the first comes first.
 * @returns values, and int32 indices along the axis, both with size k there. The gradient flows through the values.
 */
export function topK(x: Tensor, k: number, axis = -1): { readonly values: Tensor; readonly indices: Tensor } {
  const outputs = apply(topKOp, [x], { k, axis: normalizeAxis(axis, x.shape.length, 'topK') });
  return { values: at(outputs, 0), indices: at(outputs, 1) };
}
