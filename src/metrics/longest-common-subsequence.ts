// The longest common subsequence of two lists of words. Knows nothing of ROUGE.

/**
 * `table[i * (b.length + 1) + j]`: length of the longest common subsequence of the first i words of `a` and the first
 * j of `b`. The last entry is that of both.
 */
function lengthTable(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cell = i * width + j;
      if (a[i - 1] === b[j - 1]) table[cell] = (table[cell - width - 1] ?? 0) + 1;
      else table[cell] = Math.max(table[cell - width] ?? 0, table[cell - 1] ?? 0);
    }
  }
  return table;
}

/** Number of words in the longest common subsequence. */
export function commonLength(a: readonly string[], b: readonly string[]): number {
  return lengthTable(a, b).at(-1) ?? 0;
}

/**
 * Positions in `a` of one longest common subsequence, in ascending order. Where there are several, it is the one found
 * by walking back from the ends, dropping a word of `a` rather than of `b` when both lose nothing.
 */
export function commonPositions(a: readonly string[], b: readonly string[]): number[] {
  const table = lengthTable(a, b);
  const width = b.length + 1;
  const positions: number[] = [];
  let i = a.length;
  let j = b.length;
  while (i > 0 && j > 0) {
    const cell = i * width + j;
    if (a[i - 1] === b[j - 1]) {
      positions.push(--i);
      j--;
    } else if ((table[cell - 1] ?? 0) > (table[cell - width] ?? 0)) j--;
    else i--;
  }
  return positions.reverse();
}
