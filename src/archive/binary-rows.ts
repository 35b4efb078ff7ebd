// Rows in PostgreSQL's binary COPY format. Knows nothing of tables. Source: PostgreSQL documentation, COPY, "Binary Format".

const signature = 'PGCOPY\n\xff\r\n\0';
const bytesOfText = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A field's value in its type's binary form. */
export type Field = Uint8Array;

export function int4(value: number): Field {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

/** A `bytea` of little-endian 32-bit floats. */
export function floatBytes(values: Float32Array): Field {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setFloat32(i * 4, value, true);
  return bytes;
}

/** pgvector's `vector`: dimension and a zero as 16-bit integers, then big-endian 32-bit floats. */
export function vector(values: Float32Array): Field {
  const bytes = new Uint8Array(4 + values.length * 4);
  const view = new DataView(bytes.buffer);
  view.setInt16(0, values.length);
  for (const [i, value] of values.entries()) view.setFloat32(4 + i * 4, value);
  return bytes;
}

/** The whole file: header, one tuple a row, trailer. */
export function binaryRows(rows: readonly (readonly Field[])[]): Uint8Array {
  const size = rows.reduce(
    (sum, row) => sum + 2 + row.reduce((bytes, field) => bytes + 4 + field.length, 0),
    0,
  );
  const bytes = new Uint8Array(signature.length + 8 + size + 2);
  const view = new DataView(bytes.buffer);
  bytes.set(bytesOfText(signature));
  let at = signature.length + 8;
  for (const row of rows) {
    view.setInt16(at, row.length);
    at += 2;
    for (const field of row) {
      view.setInt32(at, field.length);
      bytes.set(field, at + 4);
      at += 4 + field.length;
    }
  }
  view.setInt16(at, -1);
  return bytes;
}
