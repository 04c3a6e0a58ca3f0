import { readVectorBytes } from '../vector-bytes.js';

/** A chunk as it was copied out of the database. `vector` is valid only during the call. */
export type ChunkSink = (setKey: string, ordinal: number, vector: Float32Array) => void;

const signatureBytes = 11;
const none = Buffer.alloc(0);

/**
 * Reads the binary form of `copy (select set, ordinal, vector, embedding …) to stdout`, in pieces of any length, and hands
 * over every chunk that has a vector: its bytes, or the array of an older release. A vector with a null in it counts as none.
 */
export class CopiedChunks {
  private rest: Buffer = none;
  private started = false;
  private scratch = new Float32Array(0);

  constructor(private readonly sink: ChunkSink) {}

  /** @throws Error when the bytes are not of that form. */
  push(data: Buffer): void {
    const bytes = this.rest.length === 0 ? data : Buffer.concat([this.rest, data]);
    let at = this.started ? 0 : this.headerLength(bytes);
    this.started ||= at > 0;
    while (this.started && at < bytes.length) {
      const next = this.readRow(bytes, at);
      if (next === undefined) break;
      at = next;
    }
    // A copy: the driver uses its buffer again.
    this.rest = at === bytes.length ? none : Buffer.from(bytes.subarray(at));
  }

  /** Signature, flags, and an extension of the length that stands before it; 0 when it has not arrived whole. */
  private headerLength(bytes: Buffer): number {
    const fixed = signatureBytes + 8;
    if (bytes.length < fixed) return 0;
    const length = fixed + bytes.readInt32BE(signatureBytes + 4);
    return bytes.length < length ? 0 : length;
  }

  /** Where the next row begins, or undefined when this one has not arrived whole. */
  private readRow(bytes: Buffer, start: number): number | undefined {
    if (bytes.length < start + 2) return undefined;
    const columns = bytes.readInt16BE(start);
    if (columns === -1) return bytes.length;
    if (columns !== 4) throw new Error(`A copied row has ${columns} columns instead of 4.`);
    const set = fieldAt(bytes, start + 2);
    const ordinal = set && fieldAt(bytes, set.end);
    const vector = ordinal && fieldAt(bytes, ordinal.end);
    const array = vector && fieldAt(bytes, vector.end);
    if (set === undefined || ordinal === undefined || vector === undefined || array === undefined) return undefined;
    const values =
      vector.length >= 0 ? this.readBytes(bytes, vector) : array.length < 0 ? undefined : this.readArray(bytes, array.at);
    if (values !== undefined) this.sink(bytes.toString('utf8', set.at, set.end), bytes.readInt32BE(ordinal.at), values);
    return array.end;
  }

  private readBytes(bytes: Buffer, { at, length }: Field): Float32Array {
    const vector = this.room(length / Float32Array.BYTES_PER_ELEMENT);
    readVectorBytes(bytes, at, vector);
    return vector;
  }

  /** An array's binary form: dimensions, flag of nulls, element type; length and lower bound; each element with its length. */
  private readArray(bytes: Buffer, at: number): Float32Array | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getInt32(at) !== 1 || view.getInt32(at + 4) !== 0) return undefined;
    const length = view.getInt32(at + 12);
    const scratch = this.room(length);
    for (let i = 0, element = at + 24; i < length; i += 1, element += 8) scratch[i] = view.getFloat32(element);
    return scratch;
  }

  private room(length: number): Float32Array {
    if (this.scratch.length !== length) this.scratch = new Float32Array(length);
    return this.scratch;
  }
}

interface Field {
  readonly at: number;
  readonly end: number;
  /** -1 for null. */
  readonly length: number;
}

function fieldAt(bytes: Buffer, start: number): Field | undefined {
  if (bytes.length < start + 4) return undefined;
  const length = bytes.readInt32BE(start);
  const end = start + 4 + Math.max(length, 0);
  return bytes.length < end ? undefined : { at: start + 4, end, length };
}
