// Random programs over 3 x 3 matrices, for property tests of passes: what a graph computes must not depend on them.
import fc from 'fast-check';
import { gradients } from '../../src/engine/grad.js';
import type { Graph, Tensor } from '../../src/engine/graph.js';
import * as t from '../../src/engine/ops/index.js';
import { Type } from '../../src/engine/trace.js';

type Step = (x: Tensor, y: Tensor) => Tensor;

const shape = [3, 3];
const zeros = (x: Tensor): Tensor => t.zerosLike(x);

/** Steps that keep the shape; many of them are what passes look for. */
const steps: readonly Step[] = [
  t.add,
  t.sub,
  t.mul,
  t.maximum,
  (x) => t.neg(x),
  (x) => t.tanh(x),
  (x) => t.mul(x, 0.5),
  (x) => t.mul(-1, x),
  (x) => t.div(x, 4),
  (x) => t.add(x, 0),
  (x) => t.mul(1, x),
  (x) => t.sub(x, zeros(x)),
  (x) => t.transpose(x),
  (x) => t.reshape(t.reshape(x, [9]), shape),
  (x) => t.reshape(t.transpose(t.reshape(x, [3, 1, 3]), [1, 0, 2]), shape),
  (x) => t.reshape(t.transpose(t.transpose(t.reshape(x, [3, 3, 1]), [2, 1, 0]), [1, 2, 0]), shape),
  (x, y) => t.add(y, t.broadcastTo(t.sum(x, 0, { keepDims: true }), shape)),
  (x, y) => t.mul(t.broadcastTo(t.mean(x, 1, { keepDims: true }), shape), y),
  (x) => t.broadcastTo(t.broadcastTo(t.max(x, 0), [1, 3]), shape),
  (x, y) => t.matmul(x, y),
  (x, y) => t.mul(t.matmul(x, y, { transposeA: true, scale: 0.5 }), 0.25),
  (x, y) => t.matmul(t.transpose(x), t.neg(y)),
  (x, y) => t.where(t.greater(x, y), x, t.mul(y, 0.5)),
  (x, y) => t.add(y, t.scatterAdd(zeros(x), t.vector([0, 2, 2], 'int32'), x)),
  (x, y) => t.concat([t.slice(x, 0, 1), t.slice(y, 0, 0, 1)], 0),
  (x) => t.stopGradient(x),
  (x, y) =>
    t.scan(
      (h: Tensor, row: Tensor) => {
        const next = t.tanh(t.add(h, t.mul(row, t.select(y, 0, 1))));
        return { carry: next, y: next };
      },
      t.select(y, 0, 0),
      x,
    ).ys,
];

/** A program: which step to take next, and which two of the values so far it takes. */
const program = fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(), fc.nat()), {
  minLength: 1,
  maxLength: 12,
});

/** Graphs of two matrices that return the last value of a random program, and its gradients. */
export function randomGraphs(dtype: 'float32' | 'float64'): fc.Arbitrary<Graph> {
  return program.map((instructions) => {
    const inputs = ['x', 'y'].map((name) => t.placeholder(new Type(dtype, shape), name));
    const values = [...inputs];
    const pick = (index: number): Tensor => values[index % values.length] ?? t.full(0);
    for (const [step, a, b] of instructions) values.push((steps[step] ?? t.add)(pick(a), pick(b)));
    const last = values.at(-1) ?? t.full(0);
    return { inputs, outputs: [last, ...gradients(t.sum(t.tanh(last)), inputs)] };
  });
}
