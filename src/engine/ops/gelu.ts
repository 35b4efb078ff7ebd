// Gated and smooth activations: GELU (exact and tanh form) and SiLU.
import type { Tensor } from '../graph.js';
import { applyOne } from '../graph.js';
import { add, mul, sub } from './arithmetic.js';
import { erf, erfValue, exp, sigmoid, tanh, unary } from './unary.js';

/**
 * gelu(x) = x Phi(x), Phi the normal distribution function; gelu'(x) = Phi(x) + x phi(x).
 * Written in a = x / sqrt(2), with few passes over memory: 2 gelu'(x) = 1 + erf(a) + a e^(log(2 / sqrt(pi)) - a^2).
 */
export const geluOp = unary({
  name: 'gelu',
  onnx: (builder, x, { dtype }) =>
    dtype === 'float32' ? builder.node('Gelu', [x], { domain: 'com.microsoft' }) : builder.node('Gelu', [x]),
  value: (x) => 0.5 * x * (1 + erfValue(x * Math.SQRT1_2)),
  vjp(g, x) {
    const a = mul(x, Math.SQRT1_2);
    const density = mul(a, exp(sub(Math.log(2 / Math.sqrt(Math.PI)), mul(a, a))));
    // Half of g costs nothing where g is a matrix product: the factor moves into it.
    return mul(mul(g, 0.5), add(add(erf(a), density), 1));
  },
});

const tanhScale = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/** x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2 */
export const geluTanhOp = unary({
  name: 'geluTanh',
  onnx: (builder, x) => builder.node('FastGelu', [x], { domain: 'com.microsoft' }),
  value: (x) => 0.5 * x * (1 + Math.tanh(tanhScale * (x + cubic * x ** 3))),
  vjp(g, x) {
    const squared = mul(x, x);
    const t = tanh(mul(x, add(mul(squared, tanhScale * cubic), tanhScale)));
    const slope = mul(x, add(mul(squared, 3 * tanhScale * cubic), tanhScale));
    const doubled = add(add(t, 1), mul(slope, sub(1, mul(t, t))));
    return mul(g, mul(doubled, 0.5));
  },
});

/** silu(x) = x sigmoid(x); silu'(x) = s (1 + x (1 - s)) */
export const siluOp = unary({
  name: 'silu',
  onnx: (builder, x) =>
    builder.node('QuickGelu', [x], { domain: 'com.microsoft', attributes: { alpha: { float: 1 } } }),
  value: (x) => x / (1 + Math.exp(-x)),
  vjp(g, x) {
    const s = sigmoid(x);
    return mul(g, mul(s, add(mul(x, sub(1, s)), 1)));
  },
});

/** Gaussian error linear unit, exact. Source: Hendrycks and Gimpel 2016, section 2. */
export function gelu(x: Tensor): Tensor {
  return applyOne(geluOp, [x], {});
}

/** Gaussian error linear unit, tanh approximation, as in GPT-2. Source: Hendrycks and Gimpel 2016, section 2. */
export function geluTanh(x: Tensor): Tensor {
  return applyOne(geluTanhOp, [x], {});
}

/** x sigmoid(x), also called swish. Source: Elfwing et al. 2017; Ramachandran et al. 2017. */
export function silu(x: Tensor): Tensor {
  return applyOne(siluOp, [x], {});
}
