import { rename, rm } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { AppError } from '../../kernel/app-error.js';
import type { OpenFile } from './open-file.js';
import { storageFailure } from './storage-failure.js';

/** What a writer may run ahead of the disk. */
const aheadBytes = 256 * 1024;

/** A file that is being received, under a name that no reader looks at. */
export class PartFile {
  readonly stream: Writable;
  private written = 0;
  private isMoved = false;

  constructor(
    readonly path: string,
    private readonly file: OpenFile,
    private readonly onGone: (part: PartFile) => void,
  ) {
    this.stream = new Writable({
      highWaterMark: aheadBytes,
      write: (chunk: Buffer, _encoding, done) => void this.appended([chunk]).then(done),
      writev: (chunks: { readonly chunk: Buffer }[], done) => void this.appended(chunks.map(({ chunk }) => chunk)).then(done),
    });
    // A failed write is answered by whoever waits for the stream; nobody may wait yet, and that must not end the process.
    this.stream.on('error', () => undefined);
  }

  /** How much has been written. */
  get bytes(): number {
    return this.written;
  }

  /** Ends the content and waits until it is written. @throws AppError when a write failed. */
  async finish(): Promise<void> {
    if (!this.stream.writableEnded) this.stream.end();
    if (!this.stream.writableFinished) await finished(this.stream);
  }

  /** Brings the written content from the system's memory to the disk. */
  flush(): Promise<void> {
    return this.file.sync();
  }

  /** Gives the file its final name. The folder that has it then is not brought to the disk. */
  async moveTo(path: string): Promise<void> {
    await rename(this.path, path);
    this.isMoved = true;
    this.onGone(this);
  }

  /** Fills the target from a place in the file. @throws Error when the file ends before. */
  async read(target: Buffer, position: number): Promise<void> {
    for (let at = 0; at < target.length;) {
      const bytesRead = await this.file.read(target, at, position + at);
      if (bytesRead === 0) throw new Error('The part file is shorter than what was written to it.');
      at += bytesRead;
    }
  }

  /** Removes the file, unless it was moved. Never throws: what cannot be removed is left to the sweep. */
  async discard(): Promise<void> {
    this.stream.destroy();
    await this.close().catch(() => undefined);
    if (!this.isMoved) await rm(this.path, { force: true }).catch(() => undefined);
    this.onGone(this);
  }

  /** @returns the error, as a stream is told of it. */
  private async appended(chunks: readonly Buffer[]): Promise<AppError | undefined> {
    try {
      for (let left = chunks; left.length > 0;) {
        const bytesWritten = await this.file.write(left, this.written);
        this.written += bytesWritten;
        left = behind(left, bytesWritten);
      }
      return undefined;
    } catch (error) {
      return storageFailure(error);
    }
  }

  /** Lets go of the file. */
  close(): Promise<void> {
    return this.file.close();
  }
}

/** What is left of the chunks behind so many bytes. */
function behind(chunks: readonly Buffer[], bytes: number): readonly Buffer[] {
  let skipped = bytes;
  return chunks.flatMap((chunk) => {
    const from = Math.min(skipped, chunk.length);
    skipped -= from;
    return from < chunk.length ? [chunk.subarray(from)] : [];
  });
}
