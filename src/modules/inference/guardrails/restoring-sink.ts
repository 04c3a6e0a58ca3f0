import type { AppError } from '../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../kernel/fields.js';
import { parsedOrUndefined } from '../../../kernel/parse-json.js';
import type { Recording } from '../../idempotency/recording.js';
import type { ReplySink } from '../call/reply-sink.js';
import { printExact, readExact } from '../wire/exact-json.js';
import { readSseBlock } from '../wire/sse-block.js';
import { EventTexts } from './event-texts.js';
import type { Placeholders } from './placeholders.js';
import { restored, RestoringFilter } from './restoring-filter.js';

const bracket = 0x5b;
const colon = 0x3a;
const blankLine = Buffer.from('\n\n');
const dataStart = 'data: ';

/**
 * Puts the values of one call back into what its client gets, also where a placeholder stands in several events. What is
 * written down of the answer, for its repeats, is what the platform has.
 */
export class RestoringSink implements ReplySink {
  private bytes: BytesRestorer | EventsRestorer;

  constructor(
    private readonly sink: ReplySink,
    private readonly values: Pick<Placeholders, 'valueOf' | 'count'>,
  ) {
    this.bytes = new BytesRestorer(values);
  }

  get gone(): boolean {
    return this.sink.gone;
  }

  setHeader(name: string, value: string): void {
    this.sink.setHeader(name, value);
  }

  head(status: number, type: string, headers?: readonly string[]): void {
    if (type.startsWith('text/event-stream')) this.bytes = new EventsRestorer(this.values);
    this.sink.head(status, type, headers);
  }

  write(bytes: Buffer | string): boolean {
    // What was masked was masked before the first of an answer.
    if (this.values.count === 0) return this.sink.write(bytes);
    const given = Buffer.from(bytes);
    return this.sink.write(this.bytes.push(given), given);
  }

  end(last: Buffer | string = ''): void {
    if (this.values.count === 0) {
      this.sink.end(last);
      return;
    }
    const given = Buffer.from(last);
    this.sink.end(Buffer.concat([this.bytes.push(given), this.bytes.end()]), given);
  }

  fail(error: AppError, last?: string): void {
    this.sink.fail(error, last);
  }

  recording(last: Buffer): Recording | undefined {
    return this.sink.recording(last);
  }

  onDrain(listener: () => void): void {
    this.sink.onDrain(listener);
  }

  onGone(listener: () => void): void {
    this.sink.onGone(listener);
  }

  onFlushed(listener: () => void): void {
    this.sink.onFlushed(listener);
  }
}

/** Restores JSON and plain texts: no value has a character that JSON escapes. */
class BytesRestorer {
  private readonly filter: RestoringFilter;

  constructor(values: Pick<Placeholders, 'valueOf'>) {
    this.filter = new RestoringFilter({ valueOf: (placeholder) => asBytes(values.valueOf(placeholder)) });
  }

  push(bytes: Buffer): Buffer {
    return Buffer.from(this.filter.push(bytes.toString('latin1')), 'latin1');
  }

  end(): Buffer {
    return Buffer.from(this.filter.end(), 'latin1');
  }
}

/** Each byte as one character. */
function asBytes(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text).toString('latin1');
}

/** Restores the events of a stream, as the platform writes them. */
class EventsRestorer {
  private readonly texts: EventTexts;
  private held: Buffer = Buffer.alloc(0);
  /** The highest number of an event so far. */
  private newest = -1;
  private hasChanged = false;

  constructor(private readonly values: Pick<Placeholders, 'valueOf'>) {
    this.texts = new EventTexts(() => new RestoringFilter(values), false);
  }

  push(bytes: Buffer): Buffer {
    // A sign of life between two events.
    if (this.held.length === 0 && bytes[0] === colon) return bytes;
    const all = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    const out: Buffer[] = [];
    let from = 0;
    for (let end = all.indexOf(blankLine); end !== -1; end = all.indexOf(blankLine, from)) {
      out.push(this.event(all.subarray(from, end + blankLine.length)));
      from = end + blankLine.length;
    }
    this.held = Buffer.from(all.subarray(from));
    return Buffer.concat(out);
  }

  end(): Buffer {
    const rest = this.print(this.texts.end());
    return Buffer.concat([rest, this.held]);
  }

  private event(bytes: Buffer): Buffer {
    if (!this.hasChanged && !bytes.includes(bracket)) return bytes;
    const { data } = readSseBlock(bytes.toString('latin1'));
    const json = Buffer.from(data ?? '', 'latin1');
    const plain = parsedOrUndefined(json);
    if (!isFields(plain)) return Buffer.concat([this.print(this.texts.end()), bytes]);
    this.hasChanged = true;
    return this.print(this.texts.take(readExact(json, plain) as Fields));
  }

  private print(events: readonly Fields[]): Buffer {
    return Buffer.concat(
      events.map((event) => {
        const { type } = event;
        const name = typeof type === 'string' ? `event: ${type}\n` : '';
        return Buffer.from(`${name}${dataStart}${restored(printExact(this.numbered(event)), this.values)}\n\n`);
      }),
    );
  }

  /** An event that was put in has a number too, and those behind it go on from there. */
  private numbered(event: Fields): Fields {
    const { type, sequence_number: given } = event;
    if (typeof type !== 'string' || !type.startsWith('response.')) return event;
    this.newest = typeof given === 'number' && given > this.newest ? given : this.newest + 1;
    return given === this.newest ? event : { ...event, sequence_number: this.newest };
  }
}
