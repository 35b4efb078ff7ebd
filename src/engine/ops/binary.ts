// Makes element-wise ops of two tensors, with NumPy broadcasting, from the function of two numbers they apply.
import type { DType } from '../../core/dtype.js';
import { broadcastShapes } from '../../core/shape.js';
import type { Op, Tensor, TensorType } from '../graph.js';
import { applyOne } from '../graph.js';
import type { TensorLike } from './constant.js';
import { operands } from './constant.js';
import { unbroadcast } from './layout.js';
import type { NoAttributes } from './support.js';
import { at, broadcastValues, commonDType, fill } from './support.js';

export interface BinaryRule {
  readonly name: string;
  /** ONNX op type. */
  readonly onnx: string;
  /** @throws {ShapeError} when the op is not defined for the dtype of the operands */
  readonly check: (where: string, operand: TensorType) => void;
  /** The result's dtype; default: that of the operands. */
  readonly result?: DType;
  /** Value for one pair of elements; booleans are 0 and 1. */
  readonly value: (a: number, b: number) => number | boolean;
  /** Cotangents of both operands before they are summed over broadcast axes; absent: there is no gradient. */
  readonly vjp?: (cotangent: Tensor, a: Tensor, b: Tensor, result: Tensor) => readonly [Tensor, Tensor];
}

export function binary(rule: BinaryRule): Op<NoAttributes> {
  return {
    name: rule.name,
    shape(inputs) {
      const [a, b] = [at(inputs, 0), at(inputs, 1)];
      const dtype = commonDType(rule.name, inputs);
      rule.check(rule.name, a);
      return [{ dtype: rule.result ?? dtype, shape: broadcastShapes(a.shape, b.shape, rule.name) }];
    },
    vjp([cotangent], { inputs, outputs }) {
      if (cotangent === undefined || rule.vjp === undefined) return [];
      const [a, b] = [at(inputs, 0), at(inputs, 1)];
      const [ofA, ofB] = rule.vjp(cotangent, a, b, at(outputs, 0));
      return [unbroadcast(ofA, a.shape), unbroadcast(ofB, b.shape)];
    },
    onnx: (builder, inputs) => [builder.node(rule.onnx, inputs)],
    reference(inputs, { outputs }) {
      const type = at(outputs, 0);
      const a = broadcastValues(at(inputs, 0), type.shape);
      const b = broadcastValues(at(inputs, 1), type.shape);
      return [fill(type, (i) => Number(rule.value(a[i] ?? 0, b[i] ?? 0)))];
    },
  };
}

/** The function that applies a binary op; a number takes the dtype of the other operand. */
export function binaryFunction(op: Op<NoAttributes>): (a: TensorLike, b: TensorLike) => Tensor {
  return (a, b) => applyOne(op, operands(a, b), {});
}
