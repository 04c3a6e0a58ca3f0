/**
 * A chunk as it was copied out of the database: the bytes that were asked for, or the numbers of an older release. Both are
 * valid only during the call.
 */
export type ChunkSink = (setKey: string, ordinal: number, bytes: Buffer | undefined, numbers: Float32Array) => void;

const signatureBytes = 11;
const none = Buffer.alloc(0);
const noNumbers = new Float32Array(0);

/**
 * Reads the binary form of `copy (select set, ordinal, bytes, embedding …) to stdout`, in pieces of any length, and hands
 * over every chunk that has bytes or an array. An array with a null in it counts as none.
 */
export class CopiedChunks {
  private rest: Buffer = none;
  private started = false;
  private scratch = noNumbers;
  private lastKey = '';
  private lastKeyBytes: Buffer = none;

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
    const content = ordinal && fieldAt(bytes, ordinal.end);
    const array = content && fieldAt(bytes, content.end);
    if (set === undefined || ordinal === undefined || content === undefined || array === undefined) return undefined;
    const key = this.readKey(bytes.subarray(set.at, set.end));
    const place = bytes.readInt32BE(ordinal.at);
    if (content.length >= 0) this.sink(key, place, bytes.subarray(content.at, content.end), noNumbers);
    else if (array.length >= 0 && this.readArray(bytes, array.at)) this.sink(key, place, undefined, this.scratch);
    return array.end;
  }

  /** Most rows are of the same set as the one before. */
  private readKey(bytes: Buffer): string {
    if (!this.lastKeyBytes.equals(bytes)) {
      this.lastKeyBytes = Buffer.from(bytes);
      this.lastKey = bytes.toString('utf8');
    }
    return this.lastKey;
  }

  /** An array's binary form: dimensions, flag of nulls, element type; length and lower bound; each element with its length. */
  private readArray(bytes: Buffer, at: number): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getInt32(at) !== 1 || view.getInt32(at + 4) !== 0) return false;
    const length = view.getInt32(at + 12);
    if (this.scratch.length !== length) this.scratch = new Float32Array(length);
    for (let i = 0, element = at + 24; i < length; i += 1, element += 8) this.scratch[i] = view.getFloat32(element);
    return true;
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
