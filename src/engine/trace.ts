// Runs model code once over symbolic tensors and records what it did. Knows nothing of gradients or of ONNX.
import type { MapTree, Tree } from '../core/tree.js';
import type { Graph, TensorType } from './graph.js';
import { ShapeError, invariant } from '../core/errors.js';
import { flattenTree, leavesOf, mapTree } from '../core/tree.js';
import { Tensor } from './graph.js';
import { placeholder } from './ops/constant.js';

/** A tree of types: `TensorType`s at the leaves. */
export class Type implements TensorType {
  readonly dtype: TensorType['dtype'];
  readonly shape: TensorType['shape'];

  constructor(dtype: TensorType['dtype'], shape: TensorType['shape']) {
    this.dtype = dtype;
    this.shape = shape;
  }
}

/** A float32 type of the given shape. */
export function float32(...shape: number[]): Type {
  return new Type('float32', shape);
}

/** An int32 type of the given shape. */
export function int32(...shape: number[]): Type {
  return new Type('int32', shape);
}

/** Types of a tree whose leaves have a dtype and a shape. */
export function typesOf<S>(tree: S): MapTree<S, TensorType, Type> {
  return mapTree<S, TensorType, Type>(tree, (leaf) => new Type(leaf.dtype, leaf.shape));
}

/** A tree of symbolic tensors with the given types, each named by its path. */
export function placeholders<S>(types: S, prefix: string): MapTree<S, TensorType, Tensor> {
  return mapTree<S, TensorType, Tensor>(types, (type, path) =>
    placeholder(type, [prefix, path].filter((part) => part !== '').join('.')),
  );
}

/** A traced function: its graph, and the tree that its outputs form. */
export interface Traced<Out> {
  readonly graph: Graph;
  readonly output: Out;
}

/**
 * Records the graph of `f` for arguments of the given types.
 * @throws {ShapeError} when an op does not accept its inputs
 */
export function trace<Types extends readonly unknown[], Out>(
  f: (...args: { readonly [K in keyof Types]: MapTree<Types[K], TensorType, Tensor> }) => Out,
  ...types: Types
): Traced<Out> {
  const args = types.map((type, i) => placeholders(type, `arg${i}`));
  const symbolic = args as { readonly [K in keyof Types]: MapTree<Types[K], TensorType, Tensor> };
  const output = f(...symbolic);
  return { graph: { inputs: leavesOf(args as Tree<Tensor>), outputs: tensorLeaves(output) }, output };
}

/** @throws {ShapeError} when a leaf is not a tensor */
function tensorLeaves(tree: unknown): Tensor[] {
  const flat = flattenTree<Tensor>(tree as Tree<Tensor>);
  for (const [path, leaf] of flat) {
    if (leaf instanceof Tensor) continue;
    throw new ShapeError(
      `trace: the function returned ${typeof leaf} at "${path}"; it must return a tree of tensors.`,
    );
  }
  const leaves = [...flat.values()];
  invariant(leaves.length === flat.size, 'Paths in a tree are distinct.');
  return leaves;
}
