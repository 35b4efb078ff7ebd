// Moves a scaling of rows from the large side of a matrix product to the small one. Knows the ops mul, reshape and matmul.
import type { MatmulAttributes } from './ops/matmul.js';
import type { Graph, Node, Tensor } from './graph.js';
import { sizeOf } from '../core/shape.js';
import { mul } from './ops/arithmetic.js';
import { reshape } from './ops/layout.js';
import { matmul } from './ops/matmul.js';
import { rewrite } from './rewrite.js';

/** A matrix (or a batch of them) whose rows are scaled: `x` [..., rows, columns] times `rows` [..., rows, 1]. */
interface ScaledRows {
  readonly x: Tensor;
  readonly rows: Tensor;
}

/** Recognises mul(x, rows), in either order. */
function scaledRows(tensor: Tensor): ScaledRows | undefined {
  if (tensor.node.op.name !== 'mul') return undefined;
  const [a, b] = tensor.node.inputs as readonly [Tensor, Tensor];
  const isScaling = (x: Tensor, rows: Tensor): boolean =>
    x.shape.length === rows.shape.length &&
    (x.shape.at(-1) ?? 0) > 1 &&
    rows.shape.every((dim, axis) => dim === (axis === rows.shape.length - 1 ? 1 : x.shape[axis]));
  if (isScaling(a, b)) return { x: a, rows: b };
  return isScaling(b, a) ? { x: b, rows: a } : undefined;
}

/** reshape(x * rows) = reshape(x) * reshape(rows), as long as rows stay rows. */
function throughReshape(node: Node): Tensor | undefined {
  const [input] = node.inputs;
  const scaled = input && scaledRows(input);
  const shape = node.attributes['shape'] as readonly number[];
  if (scaled === undefined || shape.length < 2 || shape.at(-1) !== scaled.x.shape.at(-1)) return undefined;
  return mul(reshape(scaled.x, shape), reshape(scaled.rows, [...shape.slice(0, -1), 1]));
}

/** (x * rows) b = (x b) * rows, when the product has fewer columns than x. */
function afterProduct(node: Node<MatmulAttributes>): Tensor | undefined {
  const [a, b] = node.inputs;
  const scaled = a && scaledRows(a);
  const columns = node.outputs[0]?.shape.at(-1) ?? 0;
  if (b === undefined || scaled === undefined || node.attributes.transposeA) return undefined;
  if (columns >= (scaled.x.shape.at(-1) ?? 0) || b.shape.length !== 2) return undefined;
  return mul(matmul(scaled.x, b, node.attributes), scaled.rows);
}

/** a^T (x * rows) = (a * rows)^T x, when a has fewer columns than x. */
function ontoOtherOperand(node: Node<MatmulAttributes>): Tensor | undefined {
  const [a, b] = node.inputs;
  const scaled = b && scaledRows(b);
  const { transposeA, transposeB } = node.attributes;
  if (a === undefined || scaled === undefined || !transposeA || transposeB) return undefined;
  if (a.shape.length !== scaled.x.shape.length || sizeOf(a.shape) >= sizeOf(scaled.x.shape)) return undefined;
  return matmul(mul(a, scaled.rows), scaled.x, node.attributes);
}

/**
 * Scales the smaller matrix. The gradient of a loss that counts rows differently (a mask, a mean) scales the rows of
 * [rows, classes]; in the products that follow, [rows, width] can be scaled instead.
 */
export function scaleSmallerSide(graph: Graph): Graph {
  return rewrite(graph, (node) => {
    if (node.op.name === 'reshape') return listed(throughReshape(node));
    if (node.op.name !== 'matmul') return undefined;
    const product = node as unknown as Node<MatmulAttributes>;
    return listed(afterProduct(product) ?? ontoOtherOperand(product));
  });
}

function listed(tensor: Tensor | undefined): readonly Tensor[] | undefined {
  return tensor && [tensor];
}
