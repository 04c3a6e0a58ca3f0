import { isFurther, readLine } from './journal-line.js';
import { readSegment, type LineGroup } from './journal-reader.js';
import type { JournalRecord, RecordKinds } from './record-kinds.js';
import type { Segment } from './segment.js';

/** Some records on their way to the database. Until `confirm` is called, `next` gives the same ones again. */
export interface DrainBatch {
  readonly records: readonly JournalRecord[];
  /** True when more are waiting already. */
  readonly more: boolean;
  /** Says that the records are committed: the journal forgets them. */
  confirm(): void;
}

/**
 * What one write to the journal held. Kept as its bytes, outside of the garbage collector's reach: thousands of records
 * a second that live for half a second are what it is worst at.
 */
interface Written {
  readonly lines: Buffer;
  /** How many records stand in it. */
  readonly ends: number;
  /** Where they stand on the disk; undefined while they stand in memory alone. */
  segment: Segment | undefined;
}

interface SpilledReading {
  readonly segment: Segment;
  readonly groups: AsyncGenerator<LineGroup, void>;
  records: JournalRecord[];
}

export interface UndrainedOptions {
  /** Called for each segment that may be finished now. */
  readonly release: (segment: Segment) => void;
  /** Given lines of a segment that cannot be read back, before it is released. */
  readonly keep: (lines: readonly string[]) => void;
  readonly kinds: RecordKinds;
}

/** Records that are not in the database yet: a queue in memory, and segments that are read back from the disk. */
export class UndrainedCalls {
  private queue: Written[] = [];
  private head = 0;
  private ends = 0;
  private spilled: Segment[] = [];
  private reading: SpilledReading | undefined;

  constructor(private readonly options: UndrainedOptions) {}

  /** How many are in memory. */
  get inMemory(): number {
    return this.ends;
  }

  isEmpty(): boolean {
    return this.inMemory === 0 && this.spilled.length === 0;
  }

  /** @param lines what was written, in which `ends` records stand. */
  push(lines: Buffer, ends: number, segment: Segment | undefined): void {
    if (segment !== undefined) segment.undrained += ends;
    this.ends += ends;
    this.queue.push({ lines, ends, segment });
  }

  /** Adds a segment whose ends are not kept in memory. */
  spill(segment: Segment): void {
    this.spilled.push(segment);
  }

  /** The lines of the records that stand in memory alone, each with its line break. */
  unwritten(): string {
    return this.queue
      .slice(this.head)
      .filter((written) => written.segment === undefined)
      .flatMap(linesOf)
      .map((line) => `${line}\n`)
      .join('');
  }

  /** Says that all that stood in memory alone now stands in this segment too. */
  wroteAll(segment: Segment): void {
    for (let place = this.head; place < this.queue.length; place += 1) {
      const written = this.queue[place];
      if (written === undefined || written.segment !== undefined) continue;
      written.segment = segment;
      segment.undrained += written.ends;
    }
  }

  /** Says that the files are gone: another process has them and drains them. What is in memory stays. */
  forgetSegments(): void {
    for (const written of this.queue) written.segment = undefined;
    this.spilled = [];
    this.reading = undefined;
  }

  /** The next calls to be drained, about `max` of those in memory; undefined when there are none. One caller at a time. */
  async next(max: number): Promise<DrainBatch | undefined> {
    return this.inMemory > 0 ? this.nextFromMemory(max) : this.nextFromDisk();
  }

  private nextFromMemory(max: number): DrainBatch {
    let end = this.head;
    for (let ends = 0; end < this.queue.length && ends < max; end += 1) ends += this.queue[end]?.ends ?? 0;
    const taken = this.queue.slice(this.head, end);
    return {
      records: taken.flatMap(recordsOf),
      more: end < this.queue.length || this.spilled.length > 0,
      confirm: () => this.drop(taken),
    };
  }

  private drop(taken: readonly Written[]): void {
    this.head += taken.length;
    for (const { ends, segment } of taken) {
      this.ends -= ends;
      if (segment === undefined) continue;
      segment.undrained -= ends;
      if (segment.isDone()) this.options.release(segment);
    }
    if (this.head * 2 < this.queue.length) return;
    this.queue = this.queue.slice(this.head);
    this.head = 0;
  }

  private async nextFromDisk(): Promise<DrainBatch | undefined> {
    for (let segment = this.spilled[0]; segment !== undefined && !segment.isOpen(); segment = this.spilled[0]) {
      const reading = await this.readOn(segment);
      // Between the reading and now the files may have been given up.
      if (this.spilled[0] !== segment) continue;
      if (reading.records.length > 0) {
        return { records: reading.records, more: true, confirm: () => void (reading.records = []) };
      }
      this.reading = undefined;
      this.spilled.shift();
      segment.spilled = false;
      if (segment.isDone()) this.options.release(segment);
    }
    return undefined;
  }

  private async readOn(segment: Segment): Promise<SpilledReading> {
    const reading = (this.reading ??= { segment, groups: readSegment(segment.path, this.options.kinds), records: [] });
    try {
      while (reading.records.length === 0) {
        const group = await reading.groups.next();
        if (group.done === true) break;
        if (group.value.unread.length > 0) this.options.keep(group.value.unread);
        reading.records = group.value.lines.flatMap((line) => (line.what === 'record' ? [line.record] : []));
      }
      return reading;
    } catch (error) {
      // The next attempt reads the file from its start; a record that is written twice stays one.
      this.reading = undefined;
      throw error;
    }
  }
}

/** The lines that say what ended: begins stand elsewhere too. */
function linesOf({ lines }: Written): string[] {
  return lines
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('B'));
}

function recordsOf(written: Written): JournalRecord[] {
  const records: JournalRecord[] = [];
  const lines = linesOf(written);
  for (const [place, line] of lines.entries()) {
    const next = lines[place + 1];
    const read = readLine(line, next !== undefined && isFurther(next) ? next : undefined);
    if (read?.what === 'record') records.push(read.record);
  }
  return records;
}
