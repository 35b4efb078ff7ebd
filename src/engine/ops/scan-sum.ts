// Sums a term of the backward step over all steps of a scan, outside of the loop where the term allows it.
import type { Node, Tensor } from '../graph.js';
import { invariant } from '../../core/errors.js';
import { sameShape } from '../../core/shape.js';
import { makeNode } from '../graph.js';
import { add } from './arithmetic.js';
import { reshape, transpose } from './layout.js';
import { matmul } from './matmul.js';
import { sum } from './reduce.js';
import { at } from './support.js';

/** What is known after the reverse loop has been built. */
export interface LoopResults {
  /** A tensor of the step, stacked over all steps: [length, ...]. */
  stackOf(tensor: Tensor): Tensor;
  /** The i-th accumulator after the last step. */
  totalOf(index: number): Tensor;
  /** A tensor that does not change from step to step, as the surrounding graph knows it. */
  outside(tensor: Tensor): Tensor;
}

/** Builds the sum of a term over all steps. */
export type Finish = (results: LoopResults) => Tensor;

/** Ops f of one argument with f(a) + f(b) = f(a + b). */
const linearOps = new Set(['neg', 'reshape', 'transpose', 'broadcast', 'slice', 'pad', 'flip']);

/** Ops that are linear in one operand while the other is fixed. */
const bilinearOps = new Set(['mul', 'matmul']);

/**
 * Plans sums over time. A product A_t^T D_t, summed over t, is one product of A and D with time and batch joined; a sum
 * over a batch is a sum over time and batch; linear ops move outside. What fits no rule is accumulated in the loop.
 */
export class SumOverTime {
  /** Tensors of the step that are needed for all steps at once. */
  readonly stacked: Tensor[] = [];
  /** Terms that the loop adds up itself. */
  readonly accumulated: Tensor[] = [];
  private readonly varies: (tensor: Tensor) => boolean;

  /** @param varies whether a tensor changes from step to step */
  constructor(varies: (tensor: Tensor) => boolean) {
    this.varies = varies;
  }

  plan(term: Tensor): Finish {
    const { node } = term;
    const { name } = node.op;
    if (name === 'add' && node.inputs.every((input) => sameShape(input.shape, term.shape)))
      return this.planSum(node);
    if (linearOps.has(name)) return this.planLinear(node, 0);
    if (bilinearOps.has(name)) {
      const fixed = node.inputs.findIndex((input) => !this.varies(input));
      if (fixed >= 0) return this.planLinear(node, 1 - fixed);
    }
    if (name === 'matmul' && node.inputs.every((input) => input.shape.length === 2))
      return this.planProduct(node);
    if (name === 'sum') return this.planReduction(node);
    return this.accumulate(term);
  }

  private planSum(node: Node): Finish {
    const parts = node.inputs.map((input) => this.plan(input));
    return (results) => parts.map((finish) => finish(results)).reduce((a, b) => add(a, b));
  }

  private planLinear(node: Node, argument: number): Finish {
    const inner = this.plan(at(node.inputs, argument));
    return (results) => {
      const inputs = node.inputs.map((input, i) =>
        i === argument ? inner(results) : results.outside(input),
      );
      return at(makeNode(node.op, inputs, node.attributes, node.outputs, node.scope).outputs, 0);
    };
  }

  /** sum_t op(A_t) op(D_t), the inner axis of the product running over time as well. */
  private planProduct(node: Node): Finish {
    const [a, b] = [this.stack(at(node.inputs, 0)), this.stack(at(node.inputs, 1))];
    const { transposeA, transposeB, scale } = node.attributes as {
      transposeA: boolean;
      transposeB: boolean;
      scale: number;
    };
    return (results) =>
      matmul(joinTime(results.stackOf(a), !transposeA), joinTime(results.stackOf(b), transposeB), {
        transposeA: true,
        scale,
      });
  }

  private planReduction(node: Node): Finish {
    const x = this.stack(at(node.inputs, 0));
    const axes = node.attributes['axes'] as readonly number[];
    return (results) =>
      reshape(sum(results.stackOf(x), [0, ...axes.map((axis) => axis + 1)]), at(node.outputs, 0).shape);
  }

  private accumulate(term: Tensor): Finish {
    const index = this.accumulated.push(term) - 1;
    return (results) => results.totalOf(index);
  }

  private stack(tensor: Tensor): Tensor {
    if (!this.stacked.includes(tensor)) this.stacked.push(tensor);
    return tensor;
  }
}

/** [time, inner, outer] to [time * inner, outer]; with `swap` from [time, outer, inner]. */
function joinTime(stack: Tensor, swap: boolean): Tensor {
  const ordered = swap ? transpose(stack, [0, 2, 1]) : stack;
  invariant(ordered.shape.length === 3, 'A stack of matrices has three axes.');
  return reshape(ordered, [at(ordered.shape, 0) * at(ordered.shape, 1), at(ordered.shape, 2)]);
}
