import { signBits } from '../vector-bytes.js';
import { rowBytes } from './bits/distances.js';

const valuesOfByte = 256;

/** What a search asks with. */
export class Question {
  /** Its signs, as long as the rows of a block. */
  readonly bits: Uint8Array;
  private table: Float32Array | undefined;

  /** @param vector of the length one. */
  constructor(readonly vector: Float32Array) {
    this.bits = new Uint8Array(rowBytes(vector.length));
    this.bits.set(signBits(vector));
  }

  /**
   * The scalar product of the question and the vector of 0 and 1 that stands at `bits[at …]`: it ranks like the one with
   * the vector of -1 and 1, and better than by how many bits differ, since large numbers of the question weigh more.
   */
  productWith(bits: Uint8Array, at: number): number {
    const table = (this.table ??= this.productsOfBytes());
    let sum = 0;
    for (let byte = 0, from = 0; byte < this.bits.length; byte += 1, from += valuesOfByte)
      sum += table[from + (bits[at + byte] as number)] as number;
    return sum;
  }

  /** For each byte of a row and each value that it may have, what it adds. */
  private productsOfBytes(): Float32Array {
    const table = new Float32Array(this.bits.length * valuesOfByte);
    for (let byte = 0; byte < this.bits.length; byte += 1) {
      for (let value = 1; value < valuesOfByte; value += 1) {
        const lowest = 31 - Math.clz32(value & -value);
        table[byte * valuesOfByte + value] =
          (table[byte * valuesOfByte + (value & (value - 1))] as number) + (this.vector[8 * byte + lowest] ?? 0);
      }
    }
    return table;
  }
}
