// Running sums along an axis.
import { normalizeAxis } from '../../core/shape.js';
import type { Op, Tensor } from '../graph.js';
import { applyOne } from '../graph.js';
import { at, fill, linesOf, requireNumber } from './support.js';

export interface CumulativeSumOptions {
  /** Sum from the end of the axis to its start. */
  readonly reverse?: boolean;
  /** Leave an element out of its own sum; the first sum is 0. */
  readonly exclusive?: boolean;
}

export interface CumulativeSumAttributes extends Readonly<Record<string, unknown>> {
  readonly axis: number;
  readonly reverse: boolean;
  readonly exclusive: boolean;
}

/** Element j counts in the sums i >= j, so its cotangent is the sum of theirs: a running sum the other way. */
export const cumulativeSumOp: Op<CumulativeSumAttributes> = {
  name: 'cumulativeSum',
  shape(inputs) {
    const { dtype, shape } = at(inputs, 0);
    requireNumber('cumulativeSum', at(inputs, 0));
    return [{ dtype, shape }];
  },
  vjp([cotangent], { attributes }) {
    if (cotangent === undefined) return [];
    return [applyOne(cumulativeSumOp, [cotangent], { ...attributes, reverse: !attributes.reverse })];
  },
  onnx(builder, inputs, { attributes: { axis, reverse, exclusive } }) {
    const attributes = { reverse: Number(reverse), exclusive: Number(exclusive) };
    return [builder.node('CumSum', [at(inputs, 0), builder.scalar('int32', axis)], { attributes })];
  },
  reference(inputs, { outputs, attributes: { axis, reverse, exclusive } }) {
    const x = at(inputs, 0);
    const result = fill(at(outputs, 0), () => 0);
    for (const line of linesOf(x.shape, axis)) {
      let total = 0;
      for (const position of reverse ? line.toReversed() : line) {
        const next = total + (x.data[position] ?? 0);
        result.data[position] = exclusive ? total : next;
        total = next;
      }
    }
    return [result];
  },
};

/** y[i] = x[0] + ... + x[i] along `axis`. */
export function cumulativeSum(x: Tensor, axis = -1, options: CumulativeSumOptions = {}): Tensor {
  const { reverse = false, exclusive = false } = options;
  const normalized = normalizeAxis(axis, x.shape.length, 'cumulativeSum');
  return applyOne(cumulativeSumOp, [x], { axis: normalized, reverse, exclusive });
}
