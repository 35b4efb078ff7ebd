// Element-wise arithmetic of two tensors, with NumPy broadcasting.
import type { Op, Tensor } from '../graph.js';
import type { TensorLike } from './constant.js';
import { broadcastAxes, broadcastShapes, sameShape } from '../../core/shape.js';
import { Tensor as TensorClass, applyOne } from '../graph.js';
import { tensorOf } from './constant.js';
import { reshape } from './layout.js';
import { sum } from './reduce.js';
import { at, broadcastValues, commonDType, fill } from './support.js';
import { exp, log, neg } from './unary.js';
import { where } from './where.js';

type NoAttributes = Readonly<Record<string, never>>;

/** Sums a cotangent over the axes along which an operand of `shape` was repeated. */
export function unbroadcast(cotangent: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(cotangent.shape, shape)) return cotangent;
  return reshape(sum(cotangent, broadcastAxes(shape, cotangent.shape), { keepDims: true }), shape);
}

interface BinaryRule {
  readonly name: string;
  readonly onnx: string;
  /** Value for one pair of elements. */
  readonly value: (a: number, b: number) => number;
  /** Cotangents of both operands before they are summed over broadcast axes. */
  readonly vjp: (cotangent: Tensor, a: Tensor, b: Tensor, result: Tensor) => readonly [Tensor, Tensor];
}

function binary(rule: BinaryRule): Op<NoAttributes> {
  return {
    name: rule.name,
    shape: (inputs) => [
      {
        dtype: commonDType(rule.name, inputs),
        shape: broadcastShapes(at(inputs, 0).shape, at(inputs, 1).shape, rule.name),
      },
    ],
    vjp([cotangent], { inputs, outputs }) {
      if (cotangent === undefined) return [];
      const [a, b] = [at(inputs, 0), at(inputs, 1)];
      const [ofA, ofB] = rule.vjp(cotangent, a, b, at(outputs, 0));
      return [unbroadcast(ofA, a.shape), unbroadcast(ofB, b.shape)];
    },
    onnx: (builder, inputs) => [builder.node(rule.onnx, inputs)],
    reference(inputs, { outputs }) {
      const type = at(outputs, 0);
      const a = broadcastValues(at(inputs, 0), type.shape);
      const b = broadcastValues(at(inputs, 1), type.shape);
      return [fill(type, (i) => rule.value(a[i] ?? 0, b[i] ?? 0))];
    },
  };
}

export const addOp = binary({ name: 'add', onnx: 'Add', value: (a, b) => a + b, vjp: (g) => [g, g] });

export const subOp = binary({ name: 'sub', onnx: 'Sub', value: (a, b) => a - b, vjp: (g) => [g, neg(g)] });

export const mulOp = binary({
  name: 'mul',
  onnx: 'Mul',
  value: (a, b) => a * b,
  vjp: (g, a, b) => [mul(g, b), mul(g, a)],
});

export const divOp = binary({
  name: 'div',
  onnx: 'Div',
  value: (a, b) => a / b,
  vjp: (g, _, b, quotient) => [div(g, b), neg(div(mul(g, quotient), b))],
});

/** d(a^b) = b a^(b-1) da + a^b ln(a) db; the second term is zero where a is not positive. */
export const powOp = binary({
  name: 'pow',
  onnx: 'Pow',
  value: (a, b) => a ** b,
  vjp: (g, a, b, power) => {
    const positive = greater(a, 0);
    const logarithm = where(positive, log(where(positive, a, 1)), 0);
    return [mul(g, mul(b, pow(a, sub(b, 1)))), mul(g, mul(power, logarithm))];
  },
});

/** Where both are equal the cotangent goes to both in halves, as in PyTorch. */
function splitByComparison(g: Tensor, a: Tensor, b: Tensor, chosen: Tensor): readonly [Tensor, Tensor] {
  const halved = where(equal(a, b), mul(g, 0.5), g);
  return [where(equal(a, chosen), halved, 0), where(equal(b, chosen), halved, 0)];
}

export const maximumOp = binary({ name: 'maximum', onnx: 'Max', value: Math.max, vjp: splitByComparison });

export const minimumOp = binary({ name: 'minimum', onnx: 'Min', value: Math.min, vjp: splitByComparison });

function comparison(name: string, onnx: string, holds: (a: number, b: number) => boolean): Op<NoAttributes> {
  return {
    name,
    shape: (inputs) => {
      commonDType(name, inputs);
      return [{ dtype: 'bool', shape: broadcastShapes(at(inputs, 0).shape, at(inputs, 1).shape, name) }];
    },
    vjp: () => [],
    onnx: (builder, inputs) => [builder.node(onnx, inputs)],
    reference(inputs, { outputs }) {
      const type = at(outputs, 0);
      const a = broadcastValues(at(inputs, 0), type.shape);
      const b = broadcastValues(at(inputs, 1), type.shape);
      return [fill(type, (i) => Number(holds(a[i] ?? 0, b[i] ?? 0)))];
    },
  };
}

export const equalOp = comparison('equal', 'Equal', (a, b) => a === b);
export const lessOp = comparison('less', 'Less', (a, b) => a < b);
export const lessOrEqualOp = comparison('lessOrEqual', 'LessOrEqual', (a, b) => a <= b);
export const greaterOp = comparison('greater', 'Greater', (a, b) => a > b);
export const greaterOrEqualOp = comparison('greaterOrEqual', 'GreaterOrEqual', (a, b) => a >= b);
export const andOp = comparison('and', 'And', (a, b) => a !== 0 && b !== 0);
export const orOp = comparison('or', 'Or', (a, b) => a !== 0 || b !== 0);

function binaryFunction(op: Op<NoAttributes>): (a: TensorLike, b: TensorLike) => Tensor {
  return (a, b) => {
    const dtype = a instanceof TensorClass ? a.dtype : b instanceof TensorClass ? b.dtype : 'float32';
    return applyOne(op, [tensorOf(a, dtype), tensorOf(b, dtype)], {});
  };
}

/** a + b */
export const add = binaryFunction(addOp);
/** a - b */
export const sub = binaryFunction(subOp);
/** a * b, element by element */
export const mul = binaryFunction(mulOp);
/** a / b */
export const div = binaryFunction(divOp);
/** a to the power b */
export const pow = binaryFunction(powOp);
/** The larger of two elements; NaN where either is NaN. */
export const maximum = binaryFunction(maximumOp);
/** The smaller of two elements; NaN where either is NaN. */
export const minimum = binaryFunction(minimumOp);
/** a = b, as bool */
export const equal = binaryFunction(equalOp);
/** a < b, as bool */
export const less = binaryFunction(lessOp);
/** a <= b, as bool */
export const lessOrEqual = binaryFunction(lessOrEqualOp);
/** a > b, as bool */
export const greater = binaryFunction(greaterOp);
/** a >= b, as bool */
export const greaterOrEqual = binaryFunction(greaterOrEqualOp);
/** Both, of two bool tensors. */
export const and = binaryFunction(andOp);
/** Either, of two bool tensors. */
export const or = binaryFunction(orOp);

/** x^2 as a product, which is faster and exact. */
export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** log(e^a + e^b) without overflow. */
export function logAddExp(a: Tensor, b: Tensor): Tensor {
  const larger = maximum(a, b);
  return add(larger, log(add(exp(sub(a, larger)), exp(sub(b, larger)))));
}
