// Rules that put less work in the place of a node: neutral operations go, layouts join, factors move into products.
// A rule looks at one node and at the nodes that make its inputs; the result is the same but for rounding.
import { sameShape, sizeOf } from '../core/shape.js';
import type { Graph, Node, Op, Tensor } from './graph.js';
import { applyOne, nodesOf, withScope } from './graph.js';
import { add, addOp, divOp, maximumOp, minimumOp, mul, mulOp, powOp, sub, subOp } from './ops/arithmetic.js';
import { equalOp, greaterOp, greaterOrEqualOp, lessOp, lessOrEqualOp } from './ops/comparison.js';
import { scalarValue } from './ops/constant.js';
import { scatterAdd, scatterAddOp } from './ops/indexing.js';
import {
  broadcastOp,
  broadcastTo,
  isZeros,
  reshape,
  reshapeOp,
  transpose,
  transposeOp,
} from './ops/layout.js';
import { matmul, matmulOp } from './ops/matmul.js';
import { logSumExpOp, maxOp, meanOp, sumOp } from './ops/reduce.js';
import { at } from './ops/support.js';
import { negOp } from './ops/unary.js';
import { whereOp } from './ops/where.js';
import { rewrite } from './rewrite.js';

/** How many places use a tensor. */
type Uses = (tensor: Tensor) => number;

/** What to put in the place of a node's one output; `undefined` where the rule does not apply. */
type Simplification = (node: Node, uses: Uses) => Tensor | undefined;

function isOf<A extends Node['attributes']>(op: Op<A>, node: Node): node is Node & Node<A> {
  return node.op.name === op.name;
}

/** The node that makes `tensor`, if it applies `op`. */
function madeBy<A extends Node['attributes']>(op: Op<A>, tensor: Tensor): (Node & Node<A>) | undefined {
  return isOf(op, tensor.node) ? tensor.node : undefined;
}

/** The only input of the node that makes `tensor`, if it applies `op`. */
function argumentOf<A extends Node['attributes']>(op: Op<A>, tensor: Tensor): Tensor | undefined {
  return madeBy(op, tensor)?.inputs[0];
}

/** Right operands that change nothing; of sums and products left ones too. */
const neutral = new Map<string, number>([
  [addOp.name, 0],
  [subOp.name, 0],
  [mulOp.name, 1],
  [divOp.name, 1],
  [powOp.name, 1],
]);

/** x + 0, x - 0, x * 1, x / 1 and x^1 are x. */
const dropNeutral: Simplification = (node) => {
  const value = neutral.get(node.op.name);
  if (value === undefined) return undefined;
  const [a, b] = [at(node.inputs, 0), at(node.inputs, 1)];
  const isNeutral = (x: Tensor): boolean => scalarValue(x) === value || (value === 0 && isZeros(x));
  const commutes = isOf(addOp, node) || isOf(mulOp, node);
  const kept = isNeutral(b) ? a : commutes && isNeutral(a) ? b : undefined;
  return kept && sameShape(kept.shape, at(node.outputs, 0).shape) ? kept : undefined;
};

/** a + (-b) is a - b; a - (-b) is a + b; (-a) + b is b - a. */
const joinSigns: Simplification = (node) => {
  const adds = isOf(addOp, node);
  if (!adds && !isOf(subOp, node)) return undefined;
  const [a, b] = [at(node.inputs, 0), at(node.inputs, 1)];
  const right = argumentOf(negOp, b);
  if (right !== undefined) return adds ? sub(a, right) : add(a, right);
  const left = argumentOf(negOp, a);
  return adds && left !== undefined ? sub(b, left) : undefined;
};

/** Of two reshapes, and of two broadcasts, the last does for both. */
const joinShapes: Simplification = (node) => {
  const x = node.inputs[0];
  if (x === undefined) return undefined;
  const reshaped = isOf(reshapeOp, node) ? argumentOf(reshapeOp, x) : undefined;
  if (reshaped !== undefined) return reshape(reshaped, at(node.outputs, 0).shape);
  const repeated = isOf(broadcastOp, node) ? argumentOf(broadcastOp, x) : undefined;
  return repeated && broadcastTo(repeated, at(node.outputs, 0).shape);
};

/** Two transpositions are one; a transposition that moves only axes of size 1 is a reshape, which copies nothing. */
const joinTranspositions: Simplification = (node) => {
  if (!isOf(transposeOp, node)) return undefined;
  const x = at(node.inputs, 0);
  const { permutation } = node.attributes;
  const moving = permutation.filter((axis) => x.shape[axis] !== 1);
  const inOrder = moving.every((axis, i) => i === 0 || axis > at(moving, i - 1));
  if (inOrder) return reshape(x, at(node.outputs, 0).shape);
  const first = madeBy(transposeOp, x);
  if (first === undefined) return undefined;
  const joined = permutation.map((axis) => at(first.attributes.permutation, axis));
  return transpose(at(first.inputs, 0), joined);
};

/** The sum, mean, maximum or logsumexp of a single element is that element. */
const dropReduction: Simplification = (node) => {
  const reduction = [sumOp, meanOp, maxOp, logSumExpOp].find((op) => isOf(op, node));
  const x = node.inputs[0];
  if (reduction === undefined || x === undefined || sizeOf(x.shape) === 0) return undefined;
  const { shape } = at(node.outputs, 0);
  return sizeOf(shape) === sizeOf(x.shape) ? reshape(x, shape) : undefined;
};

/** Ops that repeat their operands themselves. */
const broadcasting = new Set(
  [
    addOp,
    subOp,
    mulOp,
    divOp,
    powOp,
    maximumOp,
    minimumOp,
    lessOp,
    lessOrEqualOp,
    greaterOp,
    greaterOrEqualOp,
  ]
    .concat([equalOp, whereOp])
    .map((op) => op.name),
);

/** An operand need not be repeated to a shape that the other operands give the result anyway. */
const skipBroadcast: Simplification = (node) => {
  if (!broadcasting.has(node.op.name)) return undefined;
  const { shape } = at(node.outputs, 0);
  for (const [i, operand] of node.inputs.entries()) {
    const source = argumentOf(broadcastOp, operand);
    if (source === undefined) continue;
    const inputs = node.inputs.map((input, j) => (i === j ? source : input));
    const result = at(node.op.shape(inputs, node.attributes), 0);
    if (sameShape(result.shape, shape)) return applyOne(node.op, inputs, node.attributes);
  }
  return undefined;
};

/** `factor` times `x`. */
interface Scaled {
  readonly x: Tensor;
  readonly factor: number;
}

/** Recognises c x, x c, x / c and -x, where c is a constant number. */
function scaledBy(tensor: Tensor): Scaled | undefined {
  const [a, b] = tensor.node.inputs;
  const scaled = (x: Tensor | undefined, factor: number | undefined): Scaled | undefined =>
    x && factor !== undefined && sameShape(x.shape, tensor.shape) ? { x, factor } : undefined;
  if (isOf(negOp, tensor.node)) return scaled(a, -1);
  if (a === undefined || b === undefined) return undefined;
  const divisor = isOf(divOp, tensor.node) ? scalarValue(b) : undefined;
  if (divisor !== undefined) return scaled(a, 1 / divisor);
  if (!isOf(mulOp, tensor.node)) return undefined;
  return scaled(a, scalarValue(b)) ?? scaled(b, scalarValue(a));
}

/** Factors of factors are one factor, where nobody needs what is between. */
const joinFactors: Simplification = (node, uses) => {
  const outer = scaledBy(at(node.outputs, 0));
  const inner = outer && uses(outer.x) === 1 ? scaledBy(outer.x) : undefined;
  return outer && inner && mul(inner.x, outer.factor * inner.factor);
};

/** A product takes factors of its operands, and of its result where nobody else uses it, into `scale`. */
const scaleInProduct: Simplification = (node, uses) => {
  const outer = scaledBy(at(node.outputs, 0));
  const product = outer && uses(outer.x) === 1 ? madeBy(matmulOp, outer.x) : undefined;
  if (outer !== undefined && product !== undefined) {
    const { attributes } = product;
    return matmul(at(product.inputs, 0), at(product.inputs, 1), {
      ...attributes,
      scale: attributes.scale * outer.factor,
    });
  }
  if (!isOf(matmulOp, node)) return undefined;
  const [a, b] = [at(node.inputs, 0), at(node.inputs, 1)];
  const [left, right] = [scaledBy(a), scaledBy(b)];
  if (left === undefined && right === undefined) return undefined;
  const scale = node.attributes.scale * (left?.factor ?? 1) * (right?.factor ?? 1);
  return matmul(left?.x ?? a, right?.x ?? b, { ...node.attributes, scale });
};

/** The tensor whose last two axes were swapped to make `tensor`. */
function swappedFrom(tensor: Tensor): Tensor | undefined {
  const node = madeBy(transposeOp, tensor);
  const rank = tensor.shape.length;
  const swaps = node?.attributes.permutation.every(
    (axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i),
  );
  return swaps ? node?.inputs[0] : undefined;
}

/** A product reads transposed matrices in place. */
const transposeInProduct: Simplification = (node) => {
  if (!isOf(matmulOp, node)) return undefined;
  const [a, b] = [at(node.inputs, 0), at(node.inputs, 1)];
  const [left, right] = [swappedFrom(a), swappedFrom(b)];
  if (left === undefined && right === undefined) return undefined;
  const { transposeA, transposeB, scale } = node.attributes;
  return matmul(left ?? a, right ?? b, {
    transposeA: transposeA !== (left !== undefined),
    transposeB: transposeB !== (right !== undefined),
    scale,
  });
};

/** y + (zeros with rows added) is y with rows added: two gradients of one table become one. */
const scatterIntoSum: Simplification = (node, uses) => {
  if (!isOf(addOp, node)) return undefined;
  const [a, b] = [at(node.inputs, 0), at(node.inputs, 1)];
  for (const [sum, other] of [[a, b] as const, [b, a] as const]) {
    const scatter = uses(sum) === 1 ? madeBy(scatterAddOp, sum) : undefined;
    if (scatter === undefined || !isZeros(at(scatter.inputs, 0)) || !sameShape(other.shape, sum.shape))
      continue;
    return scatterAdd(other, at(scatter.inputs, 1), at(scatter.inputs, 2), scatter.attributes.axis);
  }
  return undefined;
};

const rules: readonly Simplification[] = [
  dropNeutral,
  joinSigns,
  joinShapes,
  joinTranspositions,
  dropReduction,
  skipBroadcast,
  joinFactors,
  scaleInProduct,
  transposeInProduct,
  scatterIntoSum,
];

/** Counts uses of tensors, and remembers which tensors took the place of which. */
class UseCounts {
  private readonly counts = new Map<Tensor, number>();

  constructor(graph: Graph) {
    const used = [...graph.outputs, ...nodesOf(graph).flatMap((node) => node.inputs)];
    for (const tensor of used) this.counts.set(tensor, this.of(tensor) + 1);
  }

  of(tensor: Tensor): number {
    return this.counts.get(tensor) ?? 0;
  }

  /** The users of the old tensors now use the new ones, besides those who do already. */
  move(from: readonly Tensor[], to: readonly Tensor[]): void {
    to.forEach((tensor, i) => {
      const source = at(from, i);
      if (tensor !== source) this.counts.set(tensor, this.of(tensor) + this.of(source));
    });
  }
}

/** What the first rule that applies puts in the place of a node; it keeps the node's scope. */
function simpler(node: Node, uses: Uses): readonly Tensor[] | undefined {
  if (node.outputs.length !== 1) return undefined;
  return withScope(node.scope, () => {
    for (const rule of rules) {
      const tensor = rule(node, uses);
      if (tensor !== undefined) return [tensor];
    }
    return undefined;
  });
}

/** Applies the rules until none applies any more. */
export function simplify(graph: Graph): Graph {
  const counts = new UseCounts(graph);
  const next = rewrite(graph, (node, original) => {
    counts.move(original.outputs, node.outputs);
    const result = simpler(node, (tensor) => counts.of(tensor));
    if (result !== undefined) counts.move(node.outputs, result);
    return result;
  });
  const isSame = next.outputs.every((output, i) => output === graph.outputs[i]);
  return isSame ? graph : simplify(next);
}
