// Vectors of length 1 as one byte a number, a quarter of their size. Knows nothing of where they are kept or searched.

/** A code: a little-endian 32-bit float, the scale, then one signed byte a number: value = scale * byte. */
const scaleBytes = 4;
const largest = 127;

export const codeBytes = (dimension: number): number => scaleBytes + dimension;

/**
 * Rounds each number to one of 255 equal steps. A dot product with a vector q of length 1 is off by at most
 * scale / 2 * (|q1| + |q2| + ...), and by some 0.0005 for 384 numbers as encoders make them.
 */
export function encodeVector(values: Float32Array): Uint8Array {
  const peak = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const bytes = new Uint8Array(codeBytes(values.length));
  new DataView(bytes.buffer).setFloat32(0, peak / largest, true);
  if (peak > 0)
    for (const [i, value] of values.entries()) bytes[scaleBytes + i] = Math.round((value / peak) * largest);
  return bytes;
}

/** Codes that were decoded: row r is scales[r] times bytes[r * dimension ... (r + 1) * dimension]. */
export interface Codes {
  readonly scales: Float32Array;
  readonly bytes: Int8Array;
}

/** @param codes one code after another, at any alignment */
export function decodeVectors(codes: Uint8Array, dimension: number): Codes {
  const size = codeBytes(dimension);
  const count = codes.length / size;
  const view = new DataView(codes.buffer, codes.byteOffset, codes.byteLength);
  const scales = new Float32Array(count);
  const bytes = new Int8Array(count * dimension);
  for (let row = 0; row < count; row++) {
    scales[row] = view.getFloat32(row * size, true);
    bytes.set(codes.subarray(row * size + scaleBytes, (row + 1) * size), row * dimension);
  }
  return { scales, bytes };
}
