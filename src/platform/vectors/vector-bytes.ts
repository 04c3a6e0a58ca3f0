import { endianness } from 'node:os';

const isLittle = endianness() === 'LE';

/** A vector as it is stored: float32, little endian. */
export function vectorBytes(vector: Float32Array): Buffer {
  const bytes = Buffer.from(vector.buffer.slice(vector.byteOffset, vector.byteOffset + vector.byteLength));
  return isLittle ? bytes : bytes.swap32();
}

/** Reads stored bytes from `at` on into `vector`, as many numbers as it holds. */
export function readVectorBytes(bytes: Buffer, at: number, vector: Float32Array): void {
  if (!isLittle) {
    for (let i = 0; i < vector.length; i += 1) vector[i] = bytes.readFloatLE(at + 4 * i);
    return;
  }
  bytes.copy(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), 0, at, at + vector.byteLength);
}

/** The sign of each number as a bit, 1 above zero; the lowest bit of the first byte is the first number's. */
export function signBits(vector: Float32Array): Buffer {
  const bits = Buffer.alloc(Math.ceil(vector.length / 8));
  vector.forEach((value, at) => {
    if (value > 0) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
  });
  return bits;
}
