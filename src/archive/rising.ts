// Search in numbers that rise. Knows nothing of what they stand for.

/** The index of a number among the first `count` rising numbers, or of the next larger one. */
export function lowerBound(
  rising: Uint32Array | Int32Array,
  wanted: number,
  count: number = rising.length,
): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
