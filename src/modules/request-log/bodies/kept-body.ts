/** So much of a body is kept, in bytes. */
export const keptBytes = 64 * 1024;

/** The beginning of a body that goes by, in a copy: what it is made of is used again. */
export class KeptBody {
  /** How long the body is, as far as it has come. */
  bytes = 0;
  private readonly pieces: Buffer[] = [];

  /** Takes the next piece. */
  add(piece: Uint8Array | string): void {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    const free = keptBytes - Math.min(this.bytes, keptBytes);
    this.bytes += bytes.length;
    if (free > 0 && bytes.length > 0) this.pieces.push(Buffer.from(bytes.subarray(0, free)));
  }

  get isCut(): boolean {
    return this.bytes > keptBytes;
  }

  /** What is kept of it as text; undefined for what is none, such as sound or an image. A character that is cut is left out. */
  text(): string | undefined {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(this.pieces), { stream: this.isCut });
    } catch {
      return undefined;
    }
  }
}

/** Both bodies of a call. */
export interface KeptBodies {
  readonly request: KeptBody;
  readonly answer: KeptBody;
}
