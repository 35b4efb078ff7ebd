// Random shapes for property tests: small, with the edge sizes 0 and 1 and odd ones. Knows no op.
import fc from 'fast-check';
import type { Shape } from '../../src/core/shape.js';

/** Sizes of an axis: 0, 1, small and odd ones. */
export const dim: fc.Arbitrary<number> = fc.constantFrom(0, 1, 2, 3, 5);
export const positiveDim: fc.Arbitrary<number> = fc.constantFrom(1, 2, 3, 5);

/** Shapes with `minRank` to `maxRank` axes. */
export function shapes(minRank = 0, maxRank = 3, size = dim): fc.Arbitrary<Shape> {
  return fc.array(size, { minLength: minRank, maxLength: maxRank });
}

/** Two shapes that broadcast against each other: axes of one are left out or set to 1 in the other. */
export const broadcastable: fc.Arbitrary<readonly [Shape, Shape]> = shapes().chain((shape) =>
  fc
    .tuple(
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
      fc.nat(shape.length),
      fc.boolean(),
    )
    .map(([ones, dropped, swap]) => {
      const other = shape.map((size, i) => (ones[i] ? 1 : size)).slice(dropped);
      return swap ? ([other, shape] as const) : ([shape, other] as const);
    }),
);

/** A shape with one of its axes. */
export function shapeAndAxis(size = dim, maxRank = 3): fc.Arbitrary<readonly [Shape, number]> {
  return shapes(1, maxRank, size).chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.length - 1)));
}

/** A shape with some of its axes. */
export function shapeAndAxes(size = dim, maxRank = 3): fc.Arbitrary<readonly [Shape, number[]]> {
  return shapes(0, maxRank, size).chain((shape) =>
    fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, axis) => axis))),
  );
}
