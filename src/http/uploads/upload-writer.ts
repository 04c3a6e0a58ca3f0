import type { Writable } from 'node:stream';

/**
 * What the multipart reader needs of a file's place in the storage. The writers that a module hands out have more, e.g.
 * `commit`: the reader gives the caller the very object that it got.
 */
export interface UploadWriter {
  /** Takes the content at its own pace. Its errors are AppErrors. */
  readonly stream: Writable;
  /** Drops the content; harmless at any time, never throws. */
  abort(): Promise<void>;
}
