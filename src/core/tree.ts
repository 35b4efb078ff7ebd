// Trees: nested plain objects and arrays with leaves of one type (parameters, gradients, states). Knows nothing of the leaves.
import { InternalError } from './errors.js';

/** A nested structure of plain objects and arrays whose leaves are `T`. Paths join keys with dots: `layers.3.query.weight`. */
export type Tree<T> = T | readonly Tree<T>[] | { readonly [key: string]: Tree<T> | undefined };

/**
 * The structure `S` with every leaf of type `From` replaced by `To`. A `Tree` of unknown structure, recognised by allowing
 * both an empty list and an empty object, becomes a `Tree` of the other leaves.
 */
export type MapTree<S, From, To> = [readonly [] | { readonly [key: string]: never }] extends [S]
  ? Tree<To>
  : S extends From
    ? To
    : S extends undefined
      ? undefined
      : { readonly [K in keyof S]: MapTree<S[K], From, To> };

function isBranch(node: unknown): node is readonly unknown[] | Record<string, unknown> {
  if (Array.isArray(node)) return true;
  if (typeof node !== 'object' || node === null) return false;
  const prototype: unknown = Object.getPrototypeOf(node);
  return prototype === Object.prototype || prototype === null;
}

function visit(node: unknown, path: string, leaf: (value: unknown, path: string) => unknown): unknown {
  if (!isBranch(node)) return leaf(node, path);
  const join = (key: string | number): string => (path === '' ? String(key) : `${path}.${key}`);
  if (Array.isArray(node)) return node.map((child, i) => visit(child, join(i), leaf));
  const entries = Object.entries(node).filter(([, child]) => child !== undefined);
  return Object.fromEntries(entries.map(([key, child]) => [key, visit(child, join(key), leaf)]));
}

/** The same structure with `f` applied to every leaf. A leaf is anything but a plain object or an array; absent branches stay absent. */
export function mapTree<S, From, To>(tree: S, f: (leaf: From, path: string) => To): MapTree<S, From, To> {
  return visit(tree, '', f as (value: unknown, path: string) => unknown) as MapTree<S, From, To>;
}

/** Leaves in a fixed order: arrays by index, objects by insertion. */
export function leavesOf<T>(tree: Tree<T>): T[] {
  const leaves: T[] = [];
  visit(tree, '', (leaf) => leaves.push(leaf as T));
  return leaves;
}

/** Leaves by dotted path, in the order of `leavesOf`. */
export function flattenTree<T>(tree: Tree<T>): Map<string, T> {
  const flat = new Map<string, T>();
  visit(tree, '', (leaf, path) => flat.set(path, leaf as T));
  return flat;
}

/** A tree shaped like `like` whose leaves are taken from `leaves`, in the order of `leavesOf`. */
export function unflattenLike<S, From, To>(like: S, leaves: Iterable<To>): MapTree<S, From, To> {
  const iterator = leaves[Symbol.iterator]();
  const tree = mapTree<S, From, To>(like, () => {
    const next = iterator.next();
    if (next.done) throw new InternalError('unflattenLike: fewer leaves than the tree has.');
    return next.value;
  });
  if (!iterator.next().done) throw new InternalError('unflattenLike: more leaves than the tree has.');
  return tree;
}

/** `mapTree` for a tree whose structure is known only when the program runs. */
export function mapLeaves<From, To>(tree: Tree<From>, f: (leaf: From, path: string) => To): Tree<To> {
  return visit(tree, '', f as (value: unknown, path: string) => unknown) as Tree<To>;
}

/**
 * A tree like `first` whose leaves are `f` of the leaves at the same path in both.
 * @throws {InternalError} when `second` has no leaf at a path of `first`
 */
export function zipTrees<A, B, C>(
  first: Tree<A>,
  second: Tree<B>,
  f: (a: A, b: B, path: string) => C,
): Tree<C> {
  const others = flattenTree(second);
  return mapLeaves<A, C>(first, (leaf, path) => {
    const other = others.get(path);
    if (other === undefined) throw new InternalError(`zipTrees: the second tree has no leaf "${path}".`);
    return f(leaf, other, path);
  });
}
