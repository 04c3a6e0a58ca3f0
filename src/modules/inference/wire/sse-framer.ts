import type { EventLimits } from './event-limits.js';

const LF = 0x0a;
const CR = 0x0d;

/** So much of an unfinished block is held without asking: a connection costs as much. */
const freeBytes = 64 * 1024;
/** Up to here the buffer doubles; a larger one grows by half. */
const doubledBytes = 1024 * 1024;

/** What an {@link SseFramer} found: the lines between two blank lines. */
export interface SseBlockSink {
  /**
   * One complete block: the bytes from `start` up to `end`, its last line end included, the blank line not. When `hasCr` is
   * false its line ends and its blank line are single LFs: up to `end + 1` it may be sent as it is. The bytes are never
   * changed afterwards. Return false to stop: the rest of the chunk is then ignored.
   */
  block(bytes: Buffer, start: number, end: number, lines: number, hasCr: boolean): boolean;
}

/**
 * Cuts a server-sent event stream into its blocks, whatever the chunk borders and line ends (LF, CRLF, CR, mixed).
 * Every byte is looked at once, and what must be kept over a chunk border is copied into a buffer that grows by its size, so
 * that an event of many megabytes costs linear time. Its room is asked for before it grows beyond what is free.
 */
export class SseFramer {
  private held: Buffer | undefined;
  private heldBytes = 0;
  private lines = 0;
  private hasCr = false;
  private atLineStart = true;
  private afterCr = false;
  private isCounted = false;
  private isRefused = false;

  constructor(private readonly limits: EventLimits) {}

  /** There is no room for the unfinished block: nothing more can be taken. */
  get refused(): boolean {
    return this.isRefused;
  }

  /** Hands every block that this chunk completes to the sink. */
  push(chunk: Buffer, sink: SseBlockSink): void {
    const length = chunk.length;
    let blockStart = 0;
    let at = 0;
    let nextCr = chunk.indexOf(CR);
    while (at < length) {
      const byte = chunk[at];
      if (this.afterCr) {
        this.afterCr = false;
        if (byte === LF) {
          at++;
          if (this.lines === 0) blockStart = at;
          continue;
        }
      }
      if (this.atLineStart && (byte === LF || byte === CR)) {
        this.afterCr = byte === CR;
        if (this.lines > 0 && !this.dispatch(chunk, blockStart, at, sink)) return;
        blockStart = ++at;
        continue;
      }
      let lineEnd = chunk.indexOf(LF, at);
      if (nextCr !== -1 && nextCr < at) nextCr = chunk.indexOf(CR, at);
      if (nextCr !== -1 && (lineEnd === -1 || nextCr < lineEnd)) lineEnd = nextCr;
      this.atLineStart = lineEnd !== -1;
      if (lineEnd === -1) break;
      this.lines++;
      this.afterCr = lineEnd === nextCr;
      this.hasCr ||= this.afterCr;
      at = lineEnd + 1;
    }
    if (blockStart < length) this.hold(chunk, blockStart, length);
  }

  /** How many bytes of an unfinished block are kept. */
  get pendingBytes(): number {
    return this.heldBytes;
  }

  /** The unfinished block at the end of the stream; empty when the stream ended with a blank line. */
  takePending(): Buffer {
    const rest = this.held?.subarray(0, this.heldBytes) ?? Buffer.alloc(0);
    this.reset();
    return rest;
  }

  private dispatch(chunk: Buffer, blockStart: number, at: number, sink: SseBlockSink): boolean {
    const { lines } = this;
    const hasCr = this.hasCr || this.afterCr;
    if (this.heldBytes === 0) {
      this.reset();
      return sink.block(chunk, blockStart, at, lines, hasCr);
    }
    if (!this.hold(chunk, blockStart, at + 1)) return false;
    const bytes = this.takePending();
    return sink.block(bytes, 0, bytes.length - 1, lines, hasCr);
  }

  private reset(): void {
    if (this.isCounted) this.limits.room?.free();
    this.isCounted = false;
    this.held = undefined;
    this.heldBytes = 0;
    this.lines = 0;
    this.hasCr = false;
    this.atLineStart = true;
  }

  /** @returns false where there is no room for it. */
  private hold(chunk: Buffer, start: number, end: number): boolean {
    const needed = this.heldBytes + end - start;
    if (this.held === undefined || needed > this.held.length) {
      const roomier = this.roomFor(needed);
      if (roomier === undefined) {
        this.isRefused = true;
        return false;
      }
      this.held?.copy(roomier, 0, 0, this.heldBytes);
      this.held = roomier;
    }
    chunk.copy(this.held, this.heldBytes, start, end);
    this.heldBytes = needed;
    return true;
  }

  private roomFor(needed: number): Buffer | undefined {
    const { maxEventBytes, room } = this.limits;
    const roomy = needed > doubledBytes ? Math.ceil(needed * 1.5) : Math.max(needed * 2, 512);
    // Beyond the limit the stream ends.
    const bytes = Math.max(needed, Math.min(roomy, maxEventBytes));
    if (bytes > freeBytes && room !== undefined) {
      if (!room.hold(bytes)) return undefined;
      this.isCounted = true;
    }
    return Buffer.allocUnsafe(bytes);
  }
}
