import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** A peer that sends a frame may take so long for it, and must send so much of it between two pings. */
const slowestMs = 300_000;
const slowestBytes = 16 * 1024;

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

  private count(bytes: number): void {
    if (this.pending === 0) this.pendingSince = performance.now();
    this.receivedNow += bytes;
    if (!this.room.take(bytes)) {
      this.room.onFull();
      return;
    }
    this.pending += bytes;
  }

  private forget(): void {
    this.room.giveBack(this.pending);
    this.pending = 0;
  }
}
