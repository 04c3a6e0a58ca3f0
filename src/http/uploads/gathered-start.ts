import type { Writable } from 'node:stream';

/** A file of no more than this is written in one step. */
const startBytes = 128 * 1024;
/** Each piece costs some hundred bytes beside its own: of a client that sends single bytes no more pieces are held. */
const mostPieces = 128;
/** What the process gathers at most; an upload that comes when so much is gathered is written as it comes. */
const mostBytes = 32 * 1024 * 1024;

let gathered = 0;

/** The first bytes of a file on their way to the storage, held together: each write is a step of its own for the event loop and the disk. */
export class GatheredStart {
  private isHeld: boolean;
  private pieces = 0;

  constructor(private readonly stream: Writable) {
    // A stream that takes less would wait for a room that it only gives when it writes.
    this.isHeld = gathered + startBytes <= mostBytes && stream.writableHighWaterMark > startBytes;
    if (!this.isHeld) return;
    gathered += startBytes;
    stream.cork();
  }

  /** To be called with each piece. Says that so many bytes were given to the stream so far. */
  given(bytes: number): void {
    this.pieces += 1;
    if (!this.isHeld || (bytes < startBytes && this.pieces < mostPieces)) return;
    this.end();
    this.stream.uncork();
  }

  /** To be called when no more bytes come; what is still held is written when the stream ends. */
  end(): void {
    if (this.isHeld) gathered -= startBytes;
    this.isHeld = false;
  }
}
