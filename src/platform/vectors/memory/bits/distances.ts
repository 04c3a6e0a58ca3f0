import { distanceModule, distancesAt, longestRow, queryAt, roomBytes, rowsAt } from './distance-module.js';

interface WasmExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly run: (count: number, words: number) => void;
}

/** What is used of WebAssembly: its types come with those of browsers alone. */
interface Wasm {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: WasmExports };
}

const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: Wasm };

/** Rows of bits begin at multiples of this many bytes; what a row has more of is zero. */
export const rowUnit = 16;

/** The bytes of a row of so many bits. */
export function rowBytes(bits: number): number {
  return Math.ceil(bits / (8 * rowUnit)) * rowUnit;
}

/** Vectors of more numbers are not searched by their signs. */
export const mostBits = 8 * longestRow;

/** Counts the bits in which rows differ from a question. */
export interface Distances {
  /**
   * The distances of the first `count` rows. The question and each row have the same length, a multiple of 16 bytes and
   * at most as long as `mostBits` needs. Valid until the next call.
   */
  of(rows: Uint8Array, count: number, question: Uint8Array): Uint16Array;
}

/** By WebAssembly's vector instructions, or by plain code where the machine or Node has none. */
export function distances(): Distances {
  return wasm.validate(distanceModule) ? new SimdDistances() : new PlainDistances();
}

/** Rows are copied into the module's memory piece by piece: so memory for vectors is ordinary memory, given back when it is free. */
export class SimdDistances implements Distances {
  private readonly bytes: Uint8Array;
  private readonly found: Uint16Array;
  private readonly run: WasmExports['run'];
  private result = new Uint16Array(0);

  constructor() {
    const { exports } = new wasm.Instance(new wasm.Module(distanceModule));
    const { buffer } = exports.memory;
    this.bytes = new Uint8Array(buffer);
    this.found = new Uint16Array(buffer, distancesAt, (rowsAt - distancesAt) / Uint16Array.BYTES_PER_ELEMENT);
    this.run = exports.run;
  }

  of(rows: Uint8Array, count: number, question: Uint8Array): Uint16Array {
    if (this.result.length < count) this.result = new Uint16Array(count);
    const length = question.length;
    const atOnce = Math.floor(roomBytes / length);
    this.bytes.set(question, queryAt);
    for (let at = 0; at < count; at += atOnce) {
      const some = Math.min(atOnce, count - at);
      this.bytes.set(rows.subarray(at * length, (at + some) * length), rowsAt);
      this.run(some, length / rowUnit);
      this.result.set(this.found.subarray(0, some), at);
    }
    return this.result;
  }
}

/** The same by counting in words of 32 bits. */
export class PlainDistances implements Distances {
  private result = new Uint16Array(0);

  of(rows: Uint8Array, count: number, question: Uint8Array): Uint16Array {
    if (this.result.length < count) this.result = new Uint16Array(count);
    const words = question.length / Uint32Array.BYTES_PER_ELEMENT;
    const left = new Uint32Array(rows.buffer, rows.byteOffset, count * words);
    const right = new Uint32Array(question.buffer, question.byteOffset, words);
    for (let row = 0, at = 0; row < count; row += 1) {
      let sum = 0;
      for (let word = 0; word < words; word += 1, at += 1) sum += setBits((left[at] as number) ^ (right[word] as number));
      this.result[row] = sum;
    }
    return this.result;
  }
}

/** How many bits of 32 are set. */
function setBits(value: number): number {
  const pairs = value - ((value >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
