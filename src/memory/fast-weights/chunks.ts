// Cuts a sequence into chunks, one matrix a chunk and head, as fast-weight memories read it. Knows no memory.
import type { Tensor } from '../../engine/graph.js';
import { TensorData } from '../../core/tensor-data.js';
import { constant } from '../../engine/ops/constant.js';
import { reshape, transpose } from '../../engine/ops/layout.js';
import { pad, slice } from '../../engine/ops/slicing.js';

/**
 * One matrix for each chunk and head; zeros behind the end of the sequence.
 * @param x [batch, time, heads * size]
 * @param chunk tokens of a chunk
 * @returns [chunks, batch * heads, chunk, size]
 */
export function intoChunks(x: Tensor, heads: number, chunk: number): Tensor {
  const [batch = 0, time = 0, width = 0] = x.shape;
  const chunks = Math.ceil(time / chunk);
  const padded = pad(x, [
    [0, 0],
    [0, chunks * chunk - time],
    [0, 0],
  ]);
  const cut = reshape(padded, [batch, chunks, chunk, heads, width / heads]);
  return reshape(transpose(cut, [1, 0, 3, 2, 4]), [chunks, batch * heads, chunk, width / heads]);
}

/**
 * The inverse of `intoChunks`, with heads still apart.
 * @param x [chunks, batch * heads, chunk, size]
 * @returns [batch, time, heads, size]
 */
export function fromChunks(x: Tensor, batch: number, time: number): Tensor {
  const [chunks = 0, rows = 0, chunk = 0, size = 0] = x.shape;
  const byHead = reshape(x, [chunks, batch, rows / batch, chunk, size]);
  const joined = reshape(transpose(byHead, [1, 0, 3, 2, 4]), [batch, chunks * chunk, rows / batch, size]);
  return slice(joined, 1, 0, time);
}

/** A constant matrix [size, size] with 1 where `holds(row, column)`, else 0. */
export function indicator(size: number, holds: (row: number, column: number) => boolean): Tensor {
  const data = Float32Array.from({ length: size * size }, (_, i) =>
    Number(holds(Math.floor(i / size), i % size)),
  );
  return constant(new TensorData('float32', [size, size], data));
}
