import { createHash } from 'node:crypto';
import { Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A content on its way into the storage, counted and hashed. */
export class MeasuredContent {
  /** Takes the content at the pace of the storage. */
  readonly stream: Writable;
  private readonly hash = createHash('sha256');
  private readonly arriving: Promise<void>;
  private bytes = 0;

  constructor(to: Writable) {
    const measure = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.hash.update(chunk);
        this.bytes += chunk.length;
        done(null, chunk);
      },
    });
    this.stream = measure;
    this.arriving = pipeline(measure, to);
    // Who ends the content hears of it; one that is dropped has nobody who waits.
    this.arriving.catch(() => undefined);
  }

  /** Ends the content and waits until the storage has it. @throws AppError of the storage. */
  async end(): Promise<void> {
    this.stream.end();
    await this.arriving;
  }

  /** Of the content that has ended. */
  measures(): { readonly bytes: bigint; readonly sha256: string } {
    return { bytes: BigInt(this.bytes), sha256: this.hash.digest('hex') };
  }
}
