// Tables of examples: named tensors whose first axis counts rows. Knows nothing of what they mean.
import type { Shape } from '../core/shape.js';
import type { TensorType } from '../engine/graph.js';
import { allocate } from '../core/dtype.js';
import { DataError, invariant } from '../core/errors.js';
import { sizeOf } from '../core/shape.js';
import { TensorData } from '../core/tensor-data.js';
import { Type } from '../engine/trace.js';

/** Things by their names. */
export type Named<T> = Readonly<Record<string, T>>;

/** Examples of one shape: tensors [rows, ...] by name, one slice of each an example. */
export type RowTable = Named<TensorData>;

/** How many examples a table holds. @throws {DataError} when it is empty, or its tensors disagree */
export function rowCount(table: RowTable): number {
  const counts = new Set(Object.values(table).map(({ shape }) => shape[0]));
  const [count] = counts;
  if (counts.size === 1 && count !== undefined && count > 0) return count;
  const shapes = Object.entries(table).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
  throw new DataError(
    `A table of rows holds ${shapes.join(', ') || 'nothing'}: every tensor must have the same number of rows, at least 1.`,
  );
}

/** Types of a batch of a table. */
export function batchTypes(table: RowTable, batchSize: number): Named<TensorType> {
  const typeOf = ({ dtype, shape }: TensorData): TensorType =>
    new Type(dtype, [batchSize, ...shape.slice(1)]);
  return Object.fromEntries(Object.entries(table).map(([name, tensor]) => [name, typeOf(tensor)]));
}

/** Some rows of a table, in the given order; a row may be taken several times. */
export function takeRows(table: RowTable, rows: Int32Array): RowTable {
  return Object.fromEntries(
    Object.entries(table).map(([name, { dtype, shape, data }]) => {
      const rowShape = shape.slice(1);
      const size = sizeOf(rowShape);
      const taken = allocate(dtype, rows.length * size);
      rows.forEach((row, i) => taken.set(data.subarray(row * size, (row + 1) * size), i * size));
      return [name, new TensorData(dtype, [rows.length, ...rowShape], taken)];
    }),
  );
}

/** Rows of numbers as an int32 tensor [rows, ...shape]; what a row does not fill stays 0. */
export function int32Rows(rows: readonly (readonly number[])[], rowShape: Shape): TensorData {
  const size = sizeOf(rowShape);
  const data = new Int32Array(rows.length * size);
  rows.forEach((row, i) => {
    invariant(row.length <= size, `A row of ${row.length} numbers does not fit into ${size}.`);
    data.set(row, i * size);
  });
  return new TensorData('int32', [rows.length, ...rowShape], data);
}
