// Shapes, strides and broadcasting. Knows nothing of tensors' contents.
import { ShapeError } from './errors.js';

/** Sizes of a tensor's axes, outermost first. A scalar is `[]`. */
export type Shape = readonly number[];

/** Number of elements. The empty product is 1. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dim of shape) size *= dim;
  return size;
}

/** `[2, 3]`, as it appears in error messages and in printed graphs. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = Array.from(shape, () => 0);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] ?? 1;
  }
  return strides;
}

/**
 * An axis counted from the front, in [0, rank).
 * @param axis negative values count from the back: -1 is the last axis
 * @throws {ShapeError} when the axis does not exist
 */
export function normalizeAxis(axis: number, rank: number, where: string): number {
  const normalized = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normalized < 0 || normalized >= rank) {
    throw new ShapeError(
      `${where}: axis ${axis} does not exist in a tensor of ${rank} axes; use an integer from ${-rank} to ${rank - 1}.`,
      { fields: { axis, rank } },
    );
  }
  return normalized;
}

/** Several axes, normalized, sorted and checked to be distinct. `undefined` means all of them. */
export function normalizeAxes(
  axes: number | readonly number[] | undefined,
  rank: number,
  where: string,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = typeof axes === 'number' ? [axes] : axes;
  const normalized = list.map((axis) => normalizeAxis(axis, rank, where)).sort((a, b) => a - b);
  if (new Set(normalized).size !== normalized.length) {
    throw new ShapeError(`${where}: axes ${formatShape(list)} name the same axis twice; name each once.`, {
      fields: { axes: list, rank },
    });
  }
  return normalized;
}

/**
 * The shape two shapes broadcast to, by NumPy's rule: aligned at the last axis, sizes equal or 1.
 * @throws {ShapeError} when they do not fit
 */
export function broadcastShapes(a: Shape, b: Shape, where: string): Shape {
  const rank = Math.max(a.length, b.length);
  const result: number[] = [];
  for (let i = 0; i < rank; i++) {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError(
        `${where}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: axis ${i - rank} is ${left} in one and ${right} in the other; they must be equal, or one of them 1.`,
        { fields: { left: a, right: b, axis: i - rank } },
      );
    }
    result.push(left === 1 ? right : left);
  }
  return result;
}

/** The axes of `to` along which a tensor of shape `from` was repeated by broadcasting. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const offset = to.length - from.length;
  const axes: number[] = [];
  for (let axis = 0; axis < to.length; axis++) {
    if (axis < offset || (from[axis - offset] === 1 && to[axis] !== 1)) axes.push(axis);
  }
  return axes;
}

/** `shape` with the given (normalized) axes removed, or kept as 1. */
export function reduceShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const reduced = new Set(axes);
  if (keepDims) return shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim));
  return shape.filter((_, axis) => !reduced.has(axis));
}
