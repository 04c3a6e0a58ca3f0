import type { CallRecord } from './call-record.js';
import { readSegment } from './journal-reader.js';
import type { Segment } from './segment.js';

/** Some ended calls on their way to the database. Until `confirm` is called, `next` gives the same ones again. */
export interface DrainBatch {
  readonly records: readonly CallRecord[];
  /** True when more are waiting already. */
  readonly more: boolean;
  /** Says that the records are committed: the journal forgets them. */
  confirm(): void;
}

interface EndedCall {
  readonly record: CallRecord;
  /** Where the end stands on the disk; undefined while it stands in memory alone. */
  segment: Segment | undefined;
}

interface SpilledReading {
  readonly segment: Segment;
  readonly groups: AsyncGenerator<readonly { kind: string; text: string }[], void>;
  records: CallRecord[];
}

/** Calls that ended and are not in the database yet: a queue in memory, and segments that are read back from the disk. */
export class UndrainedCalls {
  private queue: EndedCall[] = [];
  private head = 0;
  private spilled: Segment[] = [];
  private reading: SpilledReading | undefined;

  /** @param release is told of each segment that may be done now. */
  constructor(private readonly release: (segment: Segment) => void) {}

  /** How many are in memory. */
  get inMemory(): number {
    return this.queue.length - this.head;
  }

  isEmpty(): boolean {
    return this.inMemory === 0 && this.spilled.length === 0;
  }

  push(record: CallRecord, segment: Segment | undefined): void {
    if (segment !== undefined) segment.undrained += 1;
    this.queue.push({ record, segment });
  }

  /** Adds a segment whose ends are not kept in memory. */
  spill(segment: Segment): void {
    this.spilled.push(segment);
  }

  /** The records that stand in memory alone. */
  unwritten(): CallRecord[] {
    return this.queue
      .slice(this.head)
      .filter((call) => call.segment === undefined)
      .map((call) => call.record);
  }

  /** Says that all that stood in memory alone now stands in this segment too. */
  wroteAll(segment: Segment): void {
    for (let place = this.head; place < this.queue.length; place += 1) {
      const call = this.queue[place];
      if (call === undefined || call.segment !== undefined) continue;
      call.segment = segment;
      segment.undrained += 1;
    }
  }

  /** Says that the files are gone: another process has them and drains them. What is in memory stays. */
  forgetSegments(): void {
    for (const call of this.queue) call.segment = undefined;
    this.spilled = [];
    this.reading = undefined;
  }

  /** The next calls to be drained, at most `max` from memory; undefined when there are none. One caller at a time. */
  async next(max: number): Promise<DrainBatch | undefined> {
    return this.inMemory > 0 ? this.nextFromMemory(max) : this.nextFromDisk();
  }

  private nextFromMemory(max: number): DrainBatch {
    const calls = this.queue.slice(this.head, this.head + max);
    return {
      records: calls.map((call) => call.record),
      more: this.inMemory > calls.length || this.spilled.length > 0,
      confirm: () => {
        this.dropFirst(calls.length);
        for (const { segment } of calls) {
          if (segment === undefined) continue;
          segment.undrained -= 1;
          if (segment.isDone()) this.release(segment);
        }
      },
    };
  }

  private dropFirst(count: number): void {
    this.head += count;
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
      if (segment.isDone()) this.release(segment);
    }
    return undefined;
  }

  private async readOn(segment: Segment): Promise<SpilledReading> {
    const reading = (this.reading ??= { segment, groups: readSegment(segment.path), records: [] });
    try {
      while (reading.records.length === 0) {
        const group = await reading.groups.next();
        if (group.done === true) break;
        reading.records = group.value.filter((line) => line.kind === 'end').map((line) => line.text);
      }
      return reading;
    } catch (error) {
      // The next attempt reads the file from its start; a record that is written twice stays one.
      this.reading = undefined;
      throw error;
    }
  }
}
