/** A chunk as it was copied out of the database. `vector` is valid only during the call. */
export type ChunkSink = (fileId: string, ordinal: number, vector: Float32Array) => void;

const signatureBytes = 11;
const none = Buffer.alloc(0);

/**
 * Reads the binary form of `copy (select file_id, ordinal, embedding …) to stdout`, in pieces of any length, and hands over
 * every chunk that has a vector. A vector with a null in it counts as none.
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
    if (columns !== 3) throw new Error(`A copied row has ${columns} columns instead of 3.`);
    const fileId = fieldAt(bytes, start + 2);
    const ordinal = fileId && fieldAt(bytes, fileId.end);
    const vector = ordinal && fieldAt(bytes, ordinal.end);
    if (fileId === undefined || ordinal === undefined || vector === undefined) return undefined;
    const values = vector.length < 0 ? undefined : this.readVector(bytes, vector.at);
    if (values !== undefined) this.sink(bytes.toString('utf8', fileId.at, fileId.end), bytes.readInt32BE(ordinal.at), values);
    return vector.end;
  }

  /** An array's binary form: dimensions, flag of nulls, element type; length and lower bound; each element with its length. */
  private readVector(bytes: Buffer, at: number): Float32Array | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getInt32(at) !== 1 || view.getInt32(at + 4) !== 0) return undefined;
    const length = view.getInt32(at + 12);
    if (this.scratch.length !== length) this.scratch = new Float32Array(length);
    const { scratch } = this;
    for (let i = 0, element = at + 24; i < length; i += 1, element += 8) scratch[i] = view.getFloat32(element);
    return scratch;
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
