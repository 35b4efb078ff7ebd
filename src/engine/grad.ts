// Reverse-mode differentiation of symbolic tensors. Knows the vjp rule of an op only through the op.
import type { MapTree, Tree } from '../core/tree.js';
import type { Node } from './graph.js';
import { ShapeError } from '../core/errors.js';
import { formatShape } from '../core/shape.js';
import { leavesOf, unflattenLike } from '../core/tree.js';
import { Tensor, nodesBefore } from './graph.js';
import { add } from './ops/arithmetic.js';
import { full } from './ops/constant.js';
import { zerosLike } from './ops/layout.js';

/** Sums two cotangents, where `undefined` is zero. */
function accumulate(total: Tensor | undefined, term: Tensor | undefined): Tensor | undefined {
  if (total === undefined || term === undefined) return total ?? term;
  return add(total, term);
}

/** The nodes among `order` through which an output depends on one of `sources`, in that order. */
export function dependents(order: readonly Node[], sources: ReadonlySet<Tensor>): Set<Node> {
  const dependent = new Set<Node>();
  for (const node of order) {
    if (node.inputs.some((input) => sources.has(input) || dependent.has(input.node))) dependent.add(node);
  }
  return dependent;
}

/**
 * Pulls cotangents of `outputs` back to `sources`: the vector-Jacobian product.
 * @returns for each source its cotangent, or `undefined` where the outputs do not depend on it
 */
export function pullback(
  outputs: readonly Tensor[],
  cotangents: readonly (Tensor | undefined)[],
  sources: readonly Tensor[],
): (Tensor | undefined)[] {
  const sourceSet = new Set(sources);
  const order = nodesBefore(outputs, sourceSet);
  const onPath = dependents(order, sourceSet);
  const total = new Map<Tensor, Tensor>();
  const give = (tensor: Tensor, term: Tensor | undefined): void => {
    const sum = accumulate(total.get(tensor), term);
    if (sum !== undefined) total.set(tensor, sum);
  };
  outputs.forEach((output, i) => give(output, cotangents[i]));
  for (const node of order.toReversed()) {
    if (!onPath.has(node)) continue;
    const upstream = node.outputs.map((output) => total.get(output));
    if (upstream.every((cotangent) => cotangent === undefined)) continue;
    const terms = node.op.vjp(upstream, node);
    node.inputs.forEach((input, i) => {
      if (sourceSet.has(input) || onPath.has(input.node)) give(input, terms[i]);
    });
  }
  return sources.map((source) => total.get(source));
}

/**
 * Gradients of a scalar with respect to each leaf of a tree of tensors; zeros where it does not depend on a leaf.
 * @throws {ShapeError} when `loss` is not a scalar
 */
export function gradients<S>(loss: Tensor, sources: S): MapTree<S, Tensor, Tensor> {
  if (loss.shape.length !== 0) {
    throw new ShapeError(
      `grad: the loss has shape ${formatShape(loss.shape)}; it must be a scalar: reduce it with sum or mean.`,
      { fields: { given: loss.shape } },
    );
  }
  const leaves = leavesOf(sources as Tree<Tensor>);
  const cotangents = pullback([loss], [full(1, loss.dtype)], leaves);
  return unflattenLike<S, Tensor, Tensor>(
    sources,
    leaves.map((leaf, i) => cotangents[i] ?? zerosLike(leaf)),
  );
}

/** What a differentiated function returns: the loss alone, or the loss with other tensors to pass on. */
type LossOf<R> = R extends Tensor ? Tensor : R extends { readonly loss: Tensor } ? R : never;

/**
 * A function that returns the value of `f` and its gradients with respect to its first argument, a tree of tensors.
 * `f` returns a scalar, or an object whose field `loss` is one.
 *
 * @example
 * const step = valueAndGrad((w: { a: Tensor }, x: Tensor) => sum(mul(w.a, x)));
 * const { value, gradient } = step({ a }, x);
 */
export function valueAndGrad<S, Rest extends readonly unknown[], R>(
  f: (sources: S, ...rest: Rest) => LossOf<R> & R,
): (sources: S, ...rest: Rest) => { readonly value: R; readonly gradient: MapTree<S, Tensor, Tensor> } {
  return (sources, ...rest) => {
    const value: R = f(sources, ...rest);
    const loss = value instanceof Tensor ? value : (value as { readonly loss: Tensor }).loss;
    return { value, gradient: gradients(loss, sources) };
  };
}

/** The gradients of `f` with respect to its first argument, a tree of tensors. `f` returns a scalar. */
export function grad<S, Rest extends readonly unknown[]>(
  f: (sources: S, ...rest: Rest) => Tensor,
): (sources: S, ...rest: Rest) => MapTree<S, Tensor, Tensor> {
  return (sources, ...rest) => gradients(f(sources, ...rest), sources);
}
