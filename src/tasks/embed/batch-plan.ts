// Cuts a list of sequences into batches of a few fixed sizes, so that few programs serve every list. Knows no encoder.

/** A batch: which sequences, and to how many tokens they are padded. */
export interface Batch {
  readonly length: number;
  /** Indices of the sequences, as many as one of the batch sizes. */
  readonly rows: readonly number[];
}

/** Batch sizes that programs are compiled for, largest first. */
const batchSizes = [32, 8, 1] as const;

/** Lengths that programs are compiled for: the shortest, doubled up to the longest that the model reads. */
const shortestLength = 16;

/** Largest square of attention scores for one head, in elements, unless one sequence alone is larger. */
const largestScores = 32 * 256 ** 2;

/** The least compiled length that holds so many tokens. */
export function paddedLength(tokens: number, longest: number): number {
  let length = shortestLength;
  while (length < tokens) length *= 2;
  return Math.min(length, longest);
}

/**
 * Every sequence in one batch, padded by its own length alone, so that a text has the same vector in whatever company.
 * No batch holds rows of nothing: what does not fill a batch goes into smaller ones.
 * @param tokens lengths of the sequences, at most `longest`
 */
export function planBatches(tokens: readonly number[], longest: number): Batch[] {
  const byLength = new Map<number, number[]>();
  tokens.forEach((count, row) => {
    const length = paddedLength(count, longest);
    const rows = byLength.get(length);
    if (rows === undefined) byLength.set(length, [row]);
    else rows.push(row);
  });
  return [...byLength].flatMap(([length, rows]) => cut(rows, length));
}

function cut(rows: readonly number[], length: number): Batch[] {
  const batches: Batch[] = [];
  const sizes = batchSizes.filter((size) => size === 1 || size * length ** 2 <= largestScores);
  let start = 0;
  for (const size of sizes)
    for (; rows.length - start >= size; start += size)
      batches.push({ length, rows: rows.slice(start, start + size) });
  return batches;
}
