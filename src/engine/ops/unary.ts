// Element-wise functions of one tensor.
import type { Op, Tensor, TensorType } from '../graph.js';
import type { OnnxBuilder } from '../onnx/builder.js';
import { applyOne } from '../graph.js';
import { add, div, mul, sub } from './arithmetic.js';
import { greater, less } from './comparison.js';
import type { NoAttributes } from './support.js';
import { at, fill, requireFloat, requireNumber } from './support.js';
import { where } from './where.js';

export interface UnaryRule {
  readonly name: string;
  /** An ONNX op type, or the nodes to emit. */
  readonly onnx: string | ((builder: OnnxBuilder, x: string, type: TensorType) => string);
  readonly value: (x: number) => number;
  /** Cotangent of x, given the cotangent of y = f(x); absent: the derivative is zero. */
  readonly vjp?: (cotangent: Tensor, x: Tensor, y: Tensor) => Tensor;
  /** Whether int32 is accepted too. */
  readonly integers?: boolean;
}

/** Makes an op of one tensor from the function of one number it applies. */
export function unary(rule: UnaryRule): Op<NoAttributes> {
  const { onnx } = rule;
  return {
    name: rule.name,
    shape(inputs) {
      const { dtype, shape } = at(inputs, 0);
      (rule.integers ? requireNumber : requireFloat)(rule.name, at(inputs, 0));
      return [{ dtype, shape }];
    },
    vjp([cotangent], { inputs, outputs }) {
      if (cotangent === undefined || rule.vjp === undefined) return [];
      return [rule.vjp(cotangent, at(inputs, 0), at(outputs, 0))];
    },
    onnx(builder, inputs, { outputs }) {
      const x = at(inputs, 0);
      return [typeof onnx === 'string' ? builder.node(onnx, [x]) : onnx(builder, x, at(outputs, 0))];
    },
    reference(inputs, { outputs }) {
      const { data } = at(inputs, 0);
      return [fill(at(outputs, 0), (i) => rule.value(data[i] ?? 0))];
    },
  };
}

/**
 * The error function, to double precision: Maclaurin series below 2.5, continued fraction of erfc above.
 * Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6 and 7.1.14.
 */
export function erfValue(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude > 6) return Math.sign(x);
  if (magnitude < 2.5) {
    let term = x;
    let total = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      total += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
  }
  let fraction = magnitude;
  for (let n = 60; n > 0; n--) fraction = magnitude + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction));
}

const sigmoidValue = (x: number): number => 1 / (1 + Math.exp(-x));

export const negOp = unary({
  name: 'neg',
  onnx: 'Neg',
  value: (x) => -x,
  vjp: (g) => neg(g),
  integers: true,
});
export const absOp = unary({
  name: 'abs',
  onnx: 'Abs',
  value: Math.abs,
  vjp: (g, x) => mul(g, sign(x)),
  integers: true,
});
export const signOp = unary({ name: 'sign', onnx: 'Sign', value: Math.sign, integers: true });
export const floorOp = unary({ name: 'floor', onnx: 'Floor', value: Math.floor });
export const expOp = unary({ name: 'exp', onnx: 'Exp', value: Math.exp, vjp: (g, _, y) => mul(g, y) });
export const logOp = unary({ name: 'log', onnx: 'Log', value: Math.log, vjp: (g, x) => div(g, x) });
export const sqrtOp = unary({
  name: 'sqrt',
  onnx: 'Sqrt',
  value: Math.sqrt,
  vjp: (g, _, y) => div(mul(g, 0.5), y),
});
export const sinOp = unary({ name: 'sin', onnx: 'Sin', value: Math.sin, vjp: (g, x) => mul(g, cos(x)) });
export const cosOp = unary({ name: 'cos', onnx: 'Cos', value: Math.cos, vjp: (g, x) => neg(mul(g, sin(x))) });

export const tanhOp = unary({
  name: 'tanh',
  onnx: 'Tanh',
  value: Math.tanh,
  vjp: (g, _, y) => mul(g, sub(1, mul(y, y))),
});

export const sigmoidOp = unary({
  name: 'sigmoid',
  onnx: 'Sigmoid',
  value: sigmoidValue,
  vjp: (g, _, y) => mul(g, mul(y, sub(1, y))),
});

export const reluOp = unary({
  name: 'relu',
  onnx: 'Relu',
  value: (x) => (x < 0 ? 0 : x),
  vjp: (g, x) => where(greater(x, 0), g, 0),
});

/** d erf(x)/dx = 2/sqrt(pi) e^(-x^2) */
export const erfOp = unary({
  name: 'erf',
  onnx: 'Erf',
  value: erfValue,
  vjp: (g, x) => mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x))))),
});

/** log(1 + e^x), without overflow. */
export const softplusOp = unary({
  name: 'softplus',
  onnx: 'Softplus',
  value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  vjp: (g, x) => mul(g, sigmoid(x)),
});

function unaryFunction(op: Op<NoAttributes>): (x: Tensor) => Tensor {
  return (x) => applyOne(op, [x], {});
}

/** -x */
export const neg = unaryFunction(negOp);
/** |x|; the gradient at 0 is 0. */
export const abs = unaryFunction(absOp);
/** -1, 0 or 1; the gradient is 0. */
export const sign = unaryFunction(signOp);
/** The largest integer not above x; the gradient is 0. */
export const floor = unaryFunction(floorOp);
/** e^x */
export const exp = unaryFunction(expOp);
/** Natural logarithm. */
export const log = unaryFunction(logOp);
/** Square root. */
export const sqrt = unaryFunction(sqrtOp);
/** Sine of radians. */
export const sin = unaryFunction(sinOp);
/** Cosine of radians. */
export const cos = unaryFunction(cosOp);
/** Hyperbolic tangent. */
export const tanh = unaryFunction(tanhOp);
/** 1 / (1 + e^-x) */
export const sigmoid = unaryFunction(sigmoidOp);
/** max(x, 0); the gradient at 0 is 0. */
export const relu = unaryFunction(reluOp);
/** The error function. */
export const erf = unaryFunction(erfOp);
/** log(1 + e^x) */
export const softplus = unaryFunction(softplusOp);

/** 1 / x */
export function reciprocal(x: Tensor): Tensor {
  return div(1, x);
}

/** 1 / sqrt(x) */
export function rsqrt(x: Tensor): Tensor {
  return div(1, sqrt(x));
}

/** x bounded to [low, high]; no gradient outside. */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  return where(less(x, low), low, where(greater(x, high), high, x));
}

/** x + y * z in two rounding steps, named for reading. */
export function addScaled(x: Tensor, y: Tensor, z: Tensor | number): Tensor {
  return add(x, mul(y, z));
}
