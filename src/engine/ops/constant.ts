// Leaves of a graph: inputs and constants, and the literals that ops accept in place of tensors.
import type { DType } from '../../core/dtype.js';
import type { Shape } from '../../core/shape.js';
import type { Op, TensorType } from '../graph.js';
import { allocate, float16Bits, typedArrayOf } from '../../core/dtype.js';
import { InternalError } from '../../core/errors.js';
import { sizeOf } from '../../core/shape.js';
import { TensorData } from '../../core/tensor-data.js';
import { Tensor, applyOne } from '../graph.js';

/** A tensor that is fed when the graph runs. */
export const input: Op<{ readonly type: TensorType; readonly name: string }> = {
  name: 'input',
  shape: (_, { type }) => [type],
  vjp: () => [],
  onnx() {
    throw new InternalError('An input is lowered by the graph that owns it.');
  },
  reference() {
    throw new InternalError('An input has no value of its own.');
  },
};

/** A tensor whose value is known while tracing. */
export const constantOp: Op<{ readonly value: TensorData }> = {
  name: 'constant',
  shape: (_, { value }) => [value],
  vjp: () => [],
  onnx: (builder, _, { attributes: { value } }) => [builder.constant(value.dtype, value.shape, value.data)],
  reference: (_, { attributes: { value } }) => [value],
};

/** A graph input of the given type, for `trace` and for bodies of loops. */
export function placeholder(type: TensorType, name: string): Tensor {
  return applyOne(input, [], { type: { dtype: type.dtype, shape: type.shape }, name });
}

/** A tensor with known values. */
export function constant(value: TensorData): Tensor {
  return applyOne(constantOp, [], { value });
}

/**
 * A tensor filled with one number.
 * @param shape the default is a scalar, which broadcasts against everything
 */
export function full(value: number, dtype: DType = 'float32', shape: Shape = []): Tensor {
  const data = allocate(dtype, sizeOf(shape)).fill(dtype === 'float16' ? float16Bits(value) : value);
  return constant(new TensorData(dtype, shape, data));
}

/** A one-dimensional tensor with the given numbers. */
export function vector(values: readonly number[], dtype: DType = 'float32'): Tensor {
  return constant(new TensorData(dtype, [values.length], typedArrayOf(dtype, values)));
}

/** The integers 0, 1, ..., length - 1 as int32[length]. */
export function range(length: number): Tensor {
  const integers = Int32Array.from({ length }, (_, i) => i);
  return constant(new TensorData('int32', [length], integers));
}

/** A tensor, or a number that becomes a scalar of the other operand's dtype. */
export type TensorLike = Tensor | number;

/** Turns a number into a scalar constant of `dtype`; leaves tensors alone. */
export function tensorOf(value: TensorLike, dtype: DType): Tensor {
  return value instanceof Tensor ? value : full(value, dtype);
}

/** Two operands as tensors: a number takes the dtype of the other one. Two numbers are float32. */
export function operands(a: TensorLike, b: TensorLike): readonly [Tensor, Tensor] {
  const dtype = a instanceof Tensor ? a.dtype : b instanceof Tensor ? b.dtype : 'float32';
  return [tensorOf(a, dtype), tensorOf(b, dtype)];
}

/** The value of a constant scalar, if the tensor is one. */
export function scalarValue(tensor: Tensor): number | undefined {
  const { op, attributes } = tensor.node;
  if (op.name !== 'constant' || sizeOf(tensor.shape) !== 1) return undefined;
  return (attributes['value'] as TensorData).data[0];
}
