// Element-wise arithmetic of two tensors, with NumPy broadcasting.
import type { Tensor } from '../graph.js';
import { binary, binaryFunction } from './binary.js';
import { equal, greater } from './comparison.js';
import { requireFloat, requireNumber } from './support.js';
import { abs, log, neg, softplus } from './unary.js';
import { where } from './where.js';

export const addOp = binary({
  name: 'add',
  onnx: 'Add',
  check: requireNumber,
  value: (a, b) => a + b,
  vjp: (g) => [g, g],
});

export const subOp = binary({
  name: 'sub',
  onnx: 'Sub',
  check: requireNumber,
  value: (a, b) => a - b,
  vjp: (g) => [g, neg(g)],
});

export const mulOp = binary({
  name: 'mul',
  onnx: 'Mul',
  check: requireNumber,
  value: (a, b) => a * b,
  vjp: (g, a, b) => [mul(g, b), mul(g, a)],
});

/** Not for integers: a division by zero would end the process. */
export const divOp = binary({
  name: 'div',
  onnx: 'Div',
  check: requireFloat,
  value: (a, b) => a / b,
  vjp: (g, _, b, quotient) => [div(g, b), neg(div(mul(g, quotient), b))],
});

/**
 * d(a^b) = b a^(b-1) da + a^b ln(a) db. The first term is zero where b is, also at a = 0; the second is zero where a is
 * not positive.
 */
export const powOp = binary({
  name: 'pow',
  onnx: 'Pow',
  check: requireFloat,
  value: (a, b) => a ** b,
  vjp(g, a, b, power) {
    const constant = equal(b, 0);
    const slope = mul(b, pow(a, where(constant, 1, sub(b, 1))));
    const positive = greater(a, 0);
    const logarithm = where(positive, log(where(positive, a, 1)), 0);
    return [mul(g, slope), mul(g, mul(power, logarithm))];
  },
});

/** Where both are equal the cotangent goes to both in halves, as in PyTorch. */
function splitByComparison(g: Tensor, a: Tensor, b: Tensor, chosen: Tensor): readonly [Tensor, Tensor] {
  const halved = where(equal(a, b), mul(g, 0.5), g);
  return [where(equal(a, chosen), halved, 0), where(equal(b, chosen), halved, 0)];
}

export const maximumOp = binary({
  name: 'maximum',
  onnx: 'Max',
  check: requireNumber,
  value: Math.max,
  vjp: splitByComparison,
});

export const minimumOp = binary({
  name: 'minimum',
  onnx: 'Min',
  check: requireNumber,
  value: Math.min,
  vjp: splitByComparison,
});

/** a + b */
export const add = binaryFunction(addOp);
/** a - b */
export const sub = binaryFunction(subOp);
/** a * b, element by element */
export const mul = binaryFunction(mulOp);
/** a / b, of floating-point numbers */
export const div = binaryFunction(divOp);
/** a to the power b, of floating-point numbers */
export const pow = binaryFunction(powOp);
/** The larger of two elements; NaN where either is NaN. */
export const maximum = binaryFunction(maximumOp);
/** The smaller of two elements; NaN where either is NaN. */
export const minimum = binaryFunction(minimumOp);

/** x^2 as a product, which is faster and exact. */
export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** log(e^a + e^b) without overflow. */
export function logAddExp(a: Tensor, b: Tensor): Tensor {
  return add(maximum(a, b), softplus(neg(abs(sub(a, b)))));
}
