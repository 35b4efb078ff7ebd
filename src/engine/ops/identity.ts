// Ops that return what they are given and change only how gradients flow, or when something is computed.
import type { Attributes, Op, Tensor } from '../graph.js';
import { sizeOf } from '../../core/shape.js';
import { apply, applyOne } from '../graph.js';
import type { NoAttributes } from './support.js';
import { at } from './support.js';

/** Cotangents of the sources, given those of the results. `undefined` stands for zero. */
export type GradientRule = (
  cotangents: readonly (Tensor | undefined)[],
  sources: readonly Tensor[],
  results: readonly Tensor[],
) => readonly (Tensor | undefined)[];

export const stopGradientOp: Op<NoAttributes> = {
  name: 'stopGradient',
  shape: (inputs) => [{ dtype: at(inputs, 0).dtype, shape: at(inputs, 0).shape }],
  vjp: () => [],
  onnx: (_, inputs) => inputs,
  reference: (inputs) => inputs,
};

/** The same value; no gradient flows through it. */
export function stopGradient(x: Tensor): Tensor {
  return applyOne(stopGradientOp, [x], {});
}

export interface CustomGradientAttributes extends Attributes {
  readonly rule: GradientRule;
  /** How many of the inputs are sources; the others are the results that pass through. */
  readonly sources: number;
}

/** Inputs: sources, then results. Outputs: the results. The gradient goes to the sources by the rule. */
export const customGradientOp: Op<CustomGradientAttributes> = {
  name: 'customGradient',
  shape: (inputs, { sources }) => inputs.slice(sources).map(({ dtype, shape }) => ({ dtype, shape })),
  vjp: (cotangents, { inputs, outputs, attributes: { rule, sources } }) =>
    rule(cotangents, inputs.slice(0, sources), outputs),
  onnx: (_, inputs, { attributes: { sources } }) => inputs.slice(sources),
  reference: (inputs, { attributes: { sources } }) => inputs.slice(sources),
};

/** `results` with a gradient rule of their own. See `customGradient` in custom-gradient.ts. */
export function withGradientRule(
  sources: readonly Tensor[],
  results: readonly Tensor[],
  rule: GradientRule,
): readonly Tensor[] {
  return apply(customGradientOp, [...sources, ...results], { rule, sources: sources.length });
}

/**
 * Inputs: a token, then tensors. Outputs: the tensors, which cannot be computed before the token is.
 * Lowered to a reshape, which copies nothing, to a shape that is the same whatever the token holds; no optimizer sees it.
 */
export const afterOp: Op<NoAttributes> = {
  name: 'after',
  shape: (inputs) => inputs.slice(1).map(({ dtype, shape }) => ({ dtype, shape })),
  vjp: (cotangents) => [undefined, ...cotangents],
  onnx(builder, names, { inputs: [token, ...tensors] }) {
    if (token === undefined || sizeOf(token.shape) === 0) return names.slice(1);
    const flat = builder.node('Reshape', [at(names, 0), builder.int64s([-1])]);
    const first = builder.node('Slice', [flat, builder.int64s([0]), builder.int64s([1])]);
    const condition = builder.node('Equal', [first, first]);
    return tensors.map(({ shape }, i) => {
      const either = builder.int64s(shape);
      const chosen = builder.node('Where', [condition, either, either]);
      return builder.node('Reshape', [at(names, i + 1), chosen], { attributes: { allowzero: 1 } });
    });
  },
  reference: (inputs) => inputs.slice(1),
};

/** The tensors, not to be computed before `token`. Keeps recomputed values out of the forward pass. */
export function after(token: Tensor, tensors: readonly Tensor[]): readonly Tensor[] {
  return apply(afterOp, [token, ...tensors], {});
}
