/** Of Postgres's type `real`, the elements' type in the head of an array. */
const realOid = 700;
const headBytes = 12;
const dimensionBytes = 8;
const elementBytes = 8;

/**
 * Numbers of vectors, one vector behind the other, as Postgres receives a `real[]` in its binary form: written as text, each
 * number would be made and read again digit by digit.
 */
export function realArray(vectors: readonly Float32Array[]): Buffer {
  const count = vectors.reduce((sum, { length }) => sum + length, 0);
  const dimensions = count === 0 ? 0 : 1;
  const bytes = Buffer.alloc(headBytes + dimensions * dimensionBytes + count * elementBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt32(0, dimensions);
  view.setInt32(8, realOid);
  if (count === 0) return bytes;
  view.setInt32(headBytes, count);
  view.setInt32(headBytes + 4, 1);
  let at = headBytes + dimensionBytes;
  for (const vector of vectors) {
    for (const number of vector) {
      view.setInt32(at, 4);
      view.setFloat32(at + 4, number);
      at += elementBytes;
    }
  }
  return bytes;
}
