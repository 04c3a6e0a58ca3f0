import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** A peer that sends a frame may take so long for it, and must send so much of it between two pings. */
const slowestMs = 300_000;
const slowestBytes = 16 * 1024;
/** So long a peer has for the end of its side when its close has reached it. */
const closePatienceMs = 1_000;
/** So much is still read of it meanwhile: its own close, and what it had sent before it knew. */
const lastBytes = 4 * 1024;

/** Where the bytes count that come in. */
export interface FrameRoom {
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
  /** There is no room for what comes in. */
  onFull(): void;
}

/**
 * Watches over the other end of a socket. The bytes of a frame count from the moment they come, so that frames which never
 * end cannot fill the memory. With each ping it is judged whether the peer has shown a sign of life since the one before:
 * an answer, a part of a frame, or that it has read something.
 */
export class PeerWatch {
  /** Bytes of the frame that is on its way in. */
  private pending = 0;
  private pendingSince = 0;
  private receivedNow = 0;
  private hasAnswered = true;
  private readBefore = 0;
  /** There was no room for what came. */
  private isFull = false;
  /** What has come since the close began on this side; undefined before. */
  private late: number | undefined;
  private end: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: WebSocket,
    private readonly socket: Socket,
    private readonly room: FrameRoom,
  ) {
    socket.prependListener('data', (chunk: Buffer) => this.count(chunk.length));
    client.on('pong', () => this.alive());
    client.on('ping', () => this.alive());
    client.on('close', () => this.forget());
  }

  /** A frame is whole. @returns how many bytes count for it from now on, until they are given back. */
  received(bytes: number): number {
    this.hasAnswered = true;
    const rest = this.pending - bytes;
    if (rest > 0) this.room.giveBack(rest);
    const held = Math.min(this.pending, bytes);
    this.pending = 0;
    return held;
  }

  /** The peer has read what was held back for it: it is read from again, unless its close has begun. */
  readOn(): void {
    if (this.late === undefined) this.client.resume();
  }

  /**
   * The close has begun on this side. What still comes is neither counted nor held: behind a frame that is not whole, and
   * behind the last few bytes, nothing more is read. Whoever does not end the connection soon is cut off.
   */
  stop(): void {
    if (this.late !== undefined) return;
    this.late = 0;
    if (this.isFull || this.pending > 0) this.readNoMore();
    const cutOff = (): void => {
      if (!this.socket.destroyed) this.end ??= setTimeout(() => this.client.terminate(), closePatienceMs).unref();
    };
    // Behind an empty write everything that the peer is to be told has left, its close at the end.
    if (this.isFull) cutOff();
    else this.socket.write('', cutOff);
  }

  beat(): void {
    const read = this.socket.bytesWritten - this.socket.writableLength;
    const isReading = read > this.readBefore;
    const isSending = this.pending > 0 && this.receivedNow >= slowestBytes && performance.now() - this.pendingSince < slowestMs;
    if (!this.hasAnswered && !isReading && !isSending) {
      this.client.terminate();
      return;
    }
    this.hasAnswered = false;
    this.receivedNow = 0;
    this.client.ping(() => {
      // What a ping itself takes to the peer is no sign of it.
      this.readBefore = this.socket.bytesWritten - this.socket.writableLength;
    });
    this.readBefore = read;
  }

  private alive(): void {
    this.hasAnswered = true;
  }

  private readNoMore(): void {
    this.client.pause();
    // ws reads on, to no end, behind a frame that it has refused.
    setImmediate(() => this.socket.pause());
  }

  private count(bytes: number): void {
    if (this.late !== undefined) {
      this.late += bytes;
      if (this.late > lastBytes) this.readNoMore();
      return;
    }
    if (this.pending === 0) this.pendingSince = performance.now();
    this.receivedNow += bytes;
    if (!this.room.take(bytes)) {
      this.isFull = true;
      this.room.onFull();
      return;
    }
    this.pending += bytes;
  }

  private forget(): void {
    clearTimeout(this.end);
    this.room.giveBack(this.pending);
    this.pending = 0;
  }
}
