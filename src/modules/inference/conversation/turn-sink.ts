import { AppError } from '../../../kernel/app-error.js';
import type { Recording } from '../../idempotency/recording.js';
import type { AnswerEnding, ReplySink } from '../reply-sink.js';
import { readObject } from '../wire/json-body.js';
import { spliceBody } from '../wire/json-edit.js';
import { AnswerCollector, type ChatAnswer } from './chat-answer.js';

/** What happens to a turn at the end of its answer. */
export interface TurnEnding {
  /** Keeps the turn with its whole answer. @throws AppError when it cannot be kept: the caller then gets no whole answer. */
  keep(answer: ChatAnswer | undefined, recording: Recording | undefined): Promise<void>;
  /** The answer did not become whole: nothing is kept. Does nothing after `keep`. */
  abandon(): void;
}

/** A longer answer is not kept. */
const maxCharacters = 16 * 1024 * 1024;
const done = 'data: [DONE]\n\n';
const eventEnd = Buffer.from('\n\n');

/**
 * Stands before the client's sink in a call whose reply gets the member `gt`: in the JSON reply, or in the last chunk before
 * `[DONE]`. It reads the answer on its way. In a turn of a conversation it keeps the turn when the answer is whole, and only
 * then lets its end out: so an answer that looks whole was kept. Chunks before the `finish_reason` go on at once.
 */
export class TurnSink implements ReplySink {
  private readonly collector = new AnswerCollector();
  /** The last event, once a choice has finished. */
  private held: Buffer | undefined;

  constructor(
    private readonly sink: ReplySink,
    private readonly mark: Readonly<Record<string, unknown>>,
    private readonly ending?: TurnEnding,
  ) {
    sink.onGone(() => ending?.abandon());
    if (sink.gone) ending?.abandon();
  }

  get gone(): boolean {
    return this.sink.gone;
  }

  setHeader(name: string, value: string): void {
    this.sink.setHeader(name, value);
  }

  json(body: Buffer): void {
    this.collector.add(parsed(body.toString('utf8')));
    const json = this.marked(body);
    this.keepThen({ json }, () => this.sink.json(json));
  }

  startStream(): void {
    this.sink.startStream();
  }

  /** Bytes are whole events (the relay's own signs come as texts). */
  write(bytes: Buffer | string): boolean {
    if (typeof bytes === 'string') return bytes === done ? true : this.sink.write(bytes);
    const out: Buffer[] = [];
    for (const event of eventsIn(bytes)) {
      this.collector.add(parsed(event.toString('utf8').replace(/^data:/, '')));
      if (!this.collector.finished) out.push(event);
      else {
        if (this.held !== undefined) out.push(this.held);
        this.held = event;
      }
    }
    return out.length === 0 ? true : this.sink.write(Buffer.concat(out));
  }

  end(): void {
    const last = this.lastBytes();
    this.keepThen({ last }, () => this.sink.end(last));
  }

  fail(error: AppError): void {
    this.ending?.abandon();
    this.sink.fail(error);
  }

  onDrain(listener: () => void): void {
    this.sink.onDrain(listener);
  }

  onGone(listener: () => void): void {
    this.sink.onGone(listener);
  }

  /** The held event with its mark, and the end of the stream. */
  private lastBytes(): Buffer {
    if (this.held === undefined) return Buffer.from(done);
    const text = this.held.toString('utf8').replace(/^data:/, '');
    return Buffer.concat([Buffer.from('data: '), this.marked(Buffer.from(text.trim())), eventEnd, Buffer.from(done)]);
  }

  private keepThen(ending: AnswerEnding, finish: () => void): void {
    if (this.ending === undefined) {
      finish();
      return;
    }
    if (this.collector.characters > maxCharacters) {
      this.fail(new AppError('upstream_error', { message: 'The answer is too long to be kept in a conversation.' }));
      return;
    }
    this.ending.keep(this.collector.answer(), this.sink.recording?.(ending)).then(finish, (error: unknown) => {
      this.sink.fail(error instanceof AppError ? error : new AppError('internal_error', { cause: error }));
    });
  }

  private marked(object: Buffer): Buffer {
    const body = readObject(object);
    if (!body.ok) return object;
    return spliceBody(body.bytes, body.scan, [{ op: 'set', key: 'gt', value: Buffer.from(JSON.stringify(this.mark)) }]);
  }
}

/** The events of a buffer that holds whole ones, each with its blank line. */
function eventsIn(bytes: Buffer): Buffer[] {
  const events: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const at = bytes.indexOf(eventEnd, from);
    const to = at === -1 ? bytes.length : at + eventEnd.length;
    events.push(bytes.subarray(from, to));
    from = to;
  }
  return events;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
