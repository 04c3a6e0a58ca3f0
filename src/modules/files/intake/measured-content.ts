import { createHash } from 'node:crypto';
import { Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Counts and hashes a content that passes through it. */
export class ContentMeasure extends Transform {
  private readonly hash = createHash('sha256');
  private bytes = 0;

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.hash.update(chunk);
    this.bytes += chunk.length;
    done(null, chunk);
  }

  /** Of the content that has ended; to be asked once. */
  measures(): { readonly bytes: bigint; readonly sha256: string } {
    return { bytes: BigInt(this.bytes), sha256: this.hash.digest('hex') };
  }
}

/** A content on its way into the storage, counted and hashed. */
export class MeasuredContent {
  private readonly measure = new ContentMeasure();
  private readonly arriving: Promise<void>;

  constructor(to: Writable) {
    this.arriving = pipeline(this.measure, to);
    // Who ends the content hears of it; one that is dropped has nobody who waits.
    this.arriving.catch(() => undefined);
  }

  /** Takes the content at the pace of the storage. */
  get stream(): Writable {
    return this.measure;
  }

  /** Ends the content and waits until the storage has it. @throws AppError of the storage. */
  async end(): Promise<void> {
    this.measure.end();
    await this.arriving;
  }

  /** Of the content that has ended. */
  measures(): ReturnType<ContentMeasure['measures']> {
    return this.measure.measures();
  }
}
