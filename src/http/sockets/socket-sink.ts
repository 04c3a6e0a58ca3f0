import type { AppError } from '../../kernel/app-error.js';
import type { Recording } from '../../modules/idempotency/recording.js';
import type { ReplySink } from '../../modules/inference/call/reply-sink.js';
import { errorFrame, laneMember } from './socket-frames.js';

/** What a sink needs of its socket. */
export interface FrameChannel {
  readonly isOpen: boolean;
  /** Sends one text frame; `sent` is called when it has left this process or never will. */
  send(frame: Buffer | string, sent?: () => void): void;
  /** The client reads more slowly than it is sent to. */
  readonly isFull: boolean;
  /** Breaks the connection: what was sent must not look whole. */
  break(): void;
}

/** What is told of a call that is over. */
export interface EndedCall {
  readonly status: number;
  readonly error: AppError | undefined;
  readonly isGone: boolean;
}

const newline = 0x0a;
const dataStart = Buffer.from('data:');

/**
 * Writes a call's answer to a socket: each event of the stream is one text frame with the event's JSON, and names the
 * call's lane. An error before the first event is a frame of its own, and the socket stays open.
 */
export class SocketSink implements ReplySink {
  private started = false;
  private over = false;
  /** A line whose end has not come yet. */
  private rest: Buffer = Buffer.alloc(0);
  private readonly drains: (() => void)[] = [];
  private readonly gones: (() => void)[] = [];
  private readonly lane: Buffer | undefined;

  /**
   * @param beforeFrames called before each frame is sent, so that whatever the frame tells of is true by then.
   * @param ended called once, when nothing more is sent for the call.
   */
  constructor(
    private readonly channel: FrameChannel,
    private readonly streamId: string | undefined,
    private readonly beforeFrames: () => void,
    private readonly ended: (end: EndedCall) => void,
  ) {
    this.lane = streamId === undefined ? undefined : Buffer.from(`{${laneMember(streamId)},`);
  }

  get gone(): boolean {
    return this.over || !this.channel.isOpen;
  }

  setHeader(): void {
    // A frame has no headers.
  }

  head(): void {
    // The first event begins the answer.
  }

  write(bytes: Buffer | string): boolean {
    if (this.gone) return true;
    this.frames(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    return !this.channel.isFull;
  }

  end(last?: Buffer | string): void {
    if (this.gone) return;
    if (last !== undefined && last.length > 0) this.write(last);
    this.finish({ status: 200, error: undefined, isGone: false });
  }

  fail(error: AppError, last?: string): void {
    if (this.gone) return;
    if (!this.started) this.channel.send(errorFrame(error, this.streamId));
    else if (last === undefined) this.channel.break();
    else this.write(last);
    this.finish({ status: this.started ? 200 : error.status, error, isGone: false });
  }

  recording(): Recording | undefined {
    return undefined;
  }

  onDrain(listener: () => void): void {
    this.drains.push(listener);
  }

  onGone(listener: () => void): void {
    this.gones.push(listener);
  }

  onFlushed(listener: () => void): void {
    // Frames leave in their order: behind an empty wait all earlier ones have left.
    if (!this.channel.isOpen || !this.channel.isFull) listener();
    else this.drains.push(once(listener));
  }

  /** The client reads again. */
  drained(): void {
    for (const listener of [...this.drains]) listener();
  }

  /** The client has left. */
  lost(): void {
    if (this.over) return;
    for (const listener of this.gones) listener();
    this.drained();
    this.finish({ status: this.started ? 200 : 499, error: undefined, isGone: true });
  }

  private finish(end: EndedCall): void {
    if (this.over) return;
    this.over = true;
    this.ended(end);
  }

  /** Sends what whole lines say; comments and names of events say nothing that the JSON does not. */
  private frames(given: Buffer): void {
    const bytes = this.rest.length === 0 ? given : Buffer.concat([this.rest, given]);
    let from = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, from)) {
      this.line(bytes.subarray(from, end));
      from = end + 1;
    }
    this.rest = bytes.subarray(from);
  }

  private line(line: Buffer): void {
    if (!line.subarray(0, dataStart.length).equals(dataStart)) return;
    let from = dataStart.length;
    while (line[from] === 0x20) from += 1;
    const json = line.subarray(from);
    this.started = true;
    this.beforeFrames();
    this.channel.send(this.lane === undefined ? json : Buffer.concat([this.lane, json.subarray(1)]));
  }
}

function once(listener: () => void): () => void {
  let isCalled = false;
  return () => {
    if (!isCalled) listener();
    isCalled = true;
  };
}
