// Choice between two tensors by a condition.
import type { Op, Tensor } from '../graph.js';
import type { TensorLike } from './constant.js';
import { broadcastShapes } from '../../core/shape.js';
import { applyOne } from '../graph.js';
import { operands } from './constant.js';
import { unbroadcast } from './layout.js';
import type { NoAttributes } from './support.js';
import { at, broadcastValues, commonDType, fill, requireBool, requireNumber } from './support.js';

export const whereOp: Op<NoAttributes> = {
  name: 'where',
  shape(inputs) {
    const [condition, a, b] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    requireBool('where: the condition', condition);
    requireNumber('where', a);
    const shape = broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape, 'where'), 'where');
    return [{ dtype: commonDType('where', [a, b]), shape }];
  },
  vjp([cotangent], { inputs }) {
    if (cotangent === undefined) return [];
    const [condition, a, b] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
    return [
      undefined,
      unbroadcast(where(condition, cotangent, 0), a.shape),
      unbroadcast(where(condition, 0, cotangent), b.shape),
    ];
  },
  onnx: (builder, inputs) => [builder.node('Where', inputs)],
  reference(inputs, { outputs }) {
    const type = at(outputs, 0);
    const [condition, a, b] = inputs.map((input) => broadcastValues(input, type.shape));
    return [fill(type, (i) => (condition?.[i] ? a?.[i] : b?.[i]) ?? 0)];
  },
};

/** `a` where the condition holds, else `b`; all three broadcast. The branch not taken gets no gradient. */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  return applyOne(whereOp, [condition, ...operands(a, b)], {});
}
