import { beginLine, endLine, type CallEnd, type CallStart } from './call-record.js';
import { InstanceFolder } from './instance-folder.js';
import { recordLine } from './journal-line.js';
import { KeptLines } from './kept-lines.js';
import { OpenCalls, type OpenCall } from './open-calls.js';
import { RecordKinds } from './record-kinds.js';
import type { Segment } from './segment.js';
import { SegmentWriter } from './segment-writer.js';
import { UndrainedCalls, type DrainBatch } from './undrained-calls.js';

export interface CallJournalOptions {
  /** Folder of all journals, e.g. `<data dir>/journal`. */
  readonly root: string;
  /** Called for each failure, with one sentence for the log. */
  readonly onError: (message: string, error?: unknown) => void;
  /** The kinds of records that are read back from the disk when memory is full. Default: calls alone. */
  readonly kinds?: RecordKinds;
  /** Size at which a new file is begun. Default 8 MiB. */
  readonly segmentBytes?: number;
  /** Ended calls kept in memory until they are drained; more are read back from the disk. Default 100,000. */
  readonly memoryLimit?: number;
  /** Default 2,000. */
  readonly heartbeatMs?: number;
}

/** How a journal stands; `lost` counts records that were dropped because neither disk nor memory could take them. */
export interface JournalCounts {
  readonly open: number;
  readonly undrainedInMemory: number;
  readonly lost: number;
}

interface Entry {
  /** The call that begins or ends; undefined for a record of another kind and for the end of a call that is not open. */
  readonly open: OpenCall | undefined;
  /** How many records for the database it has: begins, and what is written nowhere, have none. */
  readonly records: number;
  readonly durable: () => void;
}

/** So many records of one turn of the event loop are written at once; those that follow wait for each other until its end. */
const promptRecords = 2;
/** Without a disk, memory may hold this many times the limit before records are lost. */
const diskless = 5;

const nothing = (): void => undefined;

/**
 * The append-only journal of the calls to providers of one process. What is written to it survives a kill -9 as soon as the
 * `durable` callback runs: the record was handed to the kernel by write(2). It never waits for the disk (no fsync), so
 * a loss of power may take the last seconds. Under load all records of one turn of the event loop go in one write.
 *
 * When the disk refuses, calls continue and are kept in memory; `onError` is called, `healthy()` is false until all that is
 * still needed has been written.
 */
export class CallJournal {
  /** What cannot be read, of this journal and of others. */
  readonly kept: KeptLines;
  private readonly open = new OpenCalls((segment) => this.files.releaseIfDone(segment));
  private readonly undrained: UndrainedCalls;
  private readonly files: SegmentWriter;
  private readonly memoryLimit: number;
  private readonly heartbeat: NodeJS.Timeout;
  private folder: InstanceFolder;
  private lines = '';
  private entries: Entry[] = [];
  private isScheduled = false;
  /** Records since the last turn of the event loop that had any ended. */
  private turnRecords = 0;
  private isClosed = false;
  private isLeftBehind = false;
  /** True while something that is still needed stands in memory alone. */
  private isMissing = false;
  private lost = 0;

  /** Makes this process's own folder. @throws Error of the file system when the root cannot be written to. */
  constructor(private readonly options: CallJournalOptions) {
    this.memoryLimit = options.memoryLimit ?? 100_000;
    this.folder = InstanceFolder.create(options.root);
    this.kept = new KeptLines(options.root);
    this.undrained = new UndrainedCalls({
      release: (segment) => this.files.release(segment),
      keep: (lines) => this.keepUnread(lines),
      kinds: options.kinds ?? new RecordKinds(),
    });
    this.files = new SegmentWriter({
      folderPath: () => this.folder.path,
      undrained: this.undrained,
      segmentBytes: options.segmentBytes ?? 8 * 1024 * 1024,
      memoryLimit: this.memoryLimit,
      onRefused: (error) => this.tellRefused(error),
      onError: options.onError,
    });
    this.heartbeat = setInterval(() => void this.beat(), options.heartbeatMs ?? 2000).unref();
  }

  get root(): string {
    return this.options.root;
  }

  /** Name of this process's folder now. */
  get instance(): string {
    return this.folder.name;
  }

  /**
   * Records that a call is about to be sent. `durable` is called once a kill -9 cannot undo it.
   * @param claims what budgets hold for it: `claimsText` in modules/spending/claims.ts. Absent: none counts it.
   */
  begin(call: CallStart, durable: () => void, claims?: string): void {
    const open = this.open.begin(call, claims);
    this.append(beginLine(open.begin, open.claims), open, 0, durable);
  }

  /** Records how a call ended. Only the first end of a call counts; `durable` is called for each, after the first one's. */
  end(id: string, end: CallEnd, durable: () => void): void {
    const open = this.open.end(id);
    if (open === undefined) return this.append('', undefined, 0, durable);
    this.append(endLine(open.begin, end, open.claims), open, 1, durable);
  }

  /**
   * Records something of another kind that is known by its keeper, with the version of its columns. `durable` is called once
   * a kill -9 cannot undo it.
   */
  record(kind: string, version: number, columns: readonly unknown[], durable: () => void): void {
    this.append(`${recordLine(kind, version, columns)}\n`, undefined, 1, durable);
  }

  /** The same for many at once. @param lines begun with `recordStart`, each with its line break; `records` is how many. */
  recordLines(lines: string, records: number): void {
    this.append(lines, undefined, records, nothing);
  }

  /** The next ended calls that are not in the database yet; undefined when there are none. One caller at a time. */
  async nextBatch(max: number): Promise<DrainBatch | undefined> {
    if (this.undrained.inMemory === 0) this.files.retireSpilled();
    return this.undrained.next(max);
  }

  /** True when everything that is still needed stands on the disk. */
  healthy(): boolean {
    return !this.isMissing;
  }

  counts(): JournalCounts {
    return { open: this.open.size, undrainedInMemory: this.undrained.inMemory, lost: this.lost };
  }

  /** What goes by the name of this journal elsewhere is not done: the folder is left for adoption though nothing in it is needed. */
  leaveBehind(): void {
    this.isLeftBehind = true;
  }

  /** Writes what is pending and ends. The folder is removed when nothing in it is needed, else given up for adoption. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    clearInterval(this.heartbeat);
    while (this.entries.length > 0) this.flush();
    this.isClosed = true;
    this.files.close();
    if (this.isMissing)
      this.options.onError('The journal is closed with usage records in memory that the disk did not take; they are lost.');
    if (this.open.size === 0 && this.undrained.isEmpty() && !this.isLeftBehind) await this.folder.remove();
    else await this.folder.release();
  }

  private append(line: string, open: OpenCall | undefined, records: number, durable: () => void): void {
    this.lines += line;
    this.entries.push({ open, records, durable });
    this.turnRecords += 1;
    if (this.turnRecords === 1) setImmediate(this.endTurn);
    if (this.isScheduled) return;
    this.isScheduled = true;
    if (this.turnRecords <= promptRecords) queueMicrotask(() => this.flush());
  }

  private readonly endTurn = (): void => {
    this.turnRecords = 0;
    if (this.isScheduled) this.flush();
  };

  private flush(): void {
    const { lines, entries } = this;
    this.isScheduled = false;
    this.lines = '';
    this.entries = [];
    const bytes = Buffer.from(lines);
    const segment = lines === '' ? undefined : this.files.write(bytes);
    let all = 0;
    for (const { open, records } of entries) {
      if (open === undefined && records === 0) continue;
      if (segment === undefined) this.isMissing = true;
      all += records;
      if (open === undefined) continue;
      if (records > 0) this.open.forgetBegin(open);
      else this.open.place(open, segment);
    }
    if (all > 0 && segment?.spilled !== true) this.keep(bytes, all, segment);
    if (this.isMissing && this.files.isReady) this.writeMissing();
    for (const { durable } of entries) this.call(durable);
  }

  /** Keeps what was just written for the drain. */
  private keep(lines: Buffer, records: number, segment: Segment | undefined): void {
    if (segment !== undefined || this.undrained.inMemory < this.memoryLimit * diskless)
      this.undrained.push(lines, records, segment);
    else this.lost += records;
  }

  /** Lines of this process's own files that the disk gave back otherwise than they were written. */
  private keepUnread(lines: readonly string[]): void {
    const name = `${this.instance}-own`;
    this.kept.keepNow(name, lines);
    this.options.onError(`${lines.length} lines of the journal cannot be read back; they are kept in ${this.kept.pathOf(name)}.`);
  }

  private tellRefused(error: unknown): void {
    const lost = this.lost === 0 ? '' : ` ${this.lost} usage records are lost.`;
    this.options.onError(`The journal of calls cannot be written; calls are kept in memory alone.${lost}`, error);
  }

  /** Writes what stands in memory alone, when the disk takes it. */
  private writeMissing(): void {
    const lines = this.open.unwritten() + this.undrained.unwritten();
    const segment = lines === '' ? undefined : this.files.write(Buffer.from(lines));
    if (lines !== '' && segment === undefined) return;
    this.isMissing = false;
    if (segment === undefined) return;
    this.open.wroteAll(segment);
    this.undrained.wroteAll(segment);
  }

  private call(durable: () => void): void {
    try {
      durable();
    } catch (error) {
      this.options.onError('What followed a record of the journal failed.', error);
    }
  }

  private async beat(): Promise<void> {
    try {
      if (!(await this.folder.beat()) && !this.isClosed) this.moveOn();
      if (this.isMissing && !this.isScheduled) this.flush();
    } catch (error) {
      this.options.onError('The heartbeat of the journal failed.', error);
    }
  }

  /** Another process took this one for dead and has its files: what is still needed goes to a new folder. */
  private moveOn(): void {
    this.folder = InstanceFolder.create(this.options.root);
    this.files.moveOn();
    this.undrained.forgetSegments();
    this.open.forgetSegments();
    this.isMissing = true;
    this.options.onError('Another process took this one for dead and adopted its journal; it goes on in a new folder.');
  }
}
