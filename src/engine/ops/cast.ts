// Conversion between dtypes.
import type { DType } from '../../core/dtype.js';
import type { Op, Tensor } from '../graph.js';
import { float16Bits, float16Value, isFloat } from '../../core/dtype.js';
import { applyOne } from '../graph.js';
import { at, fill } from './support.js';

function converted(value: number, from: DType, to: DType): number {
  const number = from === 'float16' ? float16Value(value) : value;
  if (to === 'float16') return float16Bits(number);
  if (to === 'bool') return Number(number !== 0);
  return isFloat(to) ? number : Math.trunc(number);
}

export const castOp: Op<{ readonly to: DType }> = {
  name: 'cast',
  shape: (inputs, { to }) => [{ dtype: to, shape: at(inputs, 0).shape }],
  vjp([cotangent], { inputs, attributes }) {
    const { dtype } = at(inputs, 0);
    if (cotangent === undefined || !isFloat(dtype) || !isFloat(attributes.to)) return [];
    return [cast(cotangent, dtype)];
  },
  onnx: (builder, inputs, { attributes }) => [builder.cast(at(inputs, 0), attributes.to)],
  reference(inputs, { outputs, attributes }) {
    const x = at(inputs, 0);
    return [fill(at(outputs, 0), (i) => converted(x.data[i] ?? 0, x.dtype, attributes.to))];
  },
};

/** `x` with its elements converted: truncated toward zero to integers, non-zero to true. */
export function cast(x: Tensor, to: DType): Tensor {
  return x.dtype === to ? x : applyOne(castOp, [x], { to });
}
