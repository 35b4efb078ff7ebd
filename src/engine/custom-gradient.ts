// Functions that bring their own gradient, and `checkpoint`, which trades time for memory by recomputing. Knows no op's mathematics.
import type { Tree } from '../core/tree.js';
import type { Tensor } from './graph.js';
import { leavesOf, unflattenLike } from '../core/tree.js';
import { pullback } from './grad.js';
import { after, withGradientRule } from './ops/identity.js';
import { placeholder } from './ops/constant.js';
import { capturesOf, substitute } from './substitute.js';

/**
 * A function whose gradient is given instead of derived.
 * @param f tensors to one tensor
 * @param rule cotangents of the arguments, from the cotangent of the result, the arguments and the result
 *
 * @example
 * const clippedExp = customGradient(exp, (g, [x], y) => [minimum(mul(g, y), 1)]);
 */
export function customGradient<Args extends readonly Tensor[]>(
  f: (...args: Args) => Tensor,
  rule: (cotangent: Tensor, args: Args, result: Tensor) => readonly (Tensor | undefined)[],
): (...args: Args) => Tensor {
  return (...args) => {
    const [result] = withGradientRule(args, [f(...args)], ([cotangent], sources, [y]) =>
      cotangent === undefined || y === undefined ? [] : rule(cotangent, sources as unknown as Args, y),
    );
    return result ?? f(...args);
  };
}

/**
 * The same function, but what it computes on the way is not kept for the backward pass: it is computed again there.
 * Tensors from outside, such as weights, may be used freely. Source: Chen et al. 2016, "Training deep nets with sublinear
 * memory cost".
 * @param f tensors to a tree of tensors
 */
export function checkpoint<Args extends readonly Tensor[], Out>(
  f: (...args: Args) => Out,
): (...args: Args) => Out {
  return (...args) => {
    const formals = args.map((arg, i) => placeholder(arg, `checkpoint${i}`)) as unknown as Args;
    const traced = f(...formals);
    const body = leavesOf(traced as Tree<Tensor>);
    const captures = capturesOf(body, new Set(formals));
    const compute = (sources: readonly Tensor[]): Tensor[] =>
      substitute(body, new Map([...formals, ...captures].map((tensor, i) => [tensor, sources[i] ?? tensor])));
    const sources = [...args, ...captures];
    const results = withGradientRule(sources, compute(sources), (cotangents, actuals) => {
      const token = cotangents.find((cotangent) => cotangent !== undefined);
      if (token === undefined) return [];
      const again = after(token, actuals);
      return pullback(compute(again), cotangents, again);
    });
    return unflattenLike<Out, Tensor, Tensor>(traced, results) as Out;
  };
}
