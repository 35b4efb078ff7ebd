// Comparisons of numbers and logic of booleans, element by element. Nothing here has a gradient.
import type { Op, Tensor } from '../graph.js';
import { applyOne } from '../graph.js';
import { sub } from './arithmetic.js';
import { binary, binaryFunction } from './binary.js';
import type { NoAttributes } from './support.js';
import { at, fill, requireBool, requireOrdered } from './support.js';

function comparison(
  name: string,
  onnx: string,
  value: (a: number, b: number) => boolean,
): ReturnType<typeof binary> {
  return binary({ name, onnx, check: requireOrdered, result: 'bool', value });
}

export const lessOp = comparison('less', 'Less', (a, b) => a < b);
export const lessOrEqualOp = comparison('lessOrEqual', 'LessOrEqual', (a, b) => a <= b);
export const greaterOp = comparison('greater', 'Greater', (a, b) => a > b);
export const greaterOrEqualOp = comparison('greaterOrEqual', 'GreaterOrEqual', (a, b) => a >= b);

/** Defined for every dtype. */
export const equalOp = binary({
  name: 'equal',
  onnx: 'Equal',
  check: () => undefined,
  result: 'bool',
  value: (a, b) => a === b,
});

export const andOp = binary({
  name: 'and',
  onnx: 'And',
  check: requireBool,
  value: (a, b) => a === 1 && b === 1,
});

export const orOp = binary({
  name: 'or',
  onnx: 'Or',
  check: requireBool,
  value: (a, b) => a === 1 || b === 1,
});

export const notOp: Op<NoAttributes> = {
  name: 'not',
  shape(inputs) {
    const x = at(inputs, 0);
    requireBool('not', x);
    return [{ dtype: 'bool', shape: x.shape }];
  },
  vjp: () => [],
  onnx: (builder, inputs) => [builder.node('Not', inputs)],
  reference(inputs, { outputs }) {
    const { data } = at(inputs, 0);
    return [fill(at(outputs, 0), (i) => 1 - (data[i] ?? 0))];
  },
};

/** a = b, as bool. NaN equals nothing. */
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

/** The opposite of a bool tensor. */
export function not(x: Tensor): Tensor {
  return applyOne(notOp, [x], {});
}

/** Where `x` is neither NaN nor infinite, as bool: there x - x = 0. */
export function isFinite(x: Tensor): Tensor {
  return equal(sub(x, x), 0);
}
