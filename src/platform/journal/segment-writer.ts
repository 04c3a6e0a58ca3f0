import { join } from 'node:path';
import { Segment } from './segment.js';
import type { UndrainedCalls } from './undrained-calls.js';

export interface SegmentWriterOptions {
  /** The folder of this process's files now. */
  readonly folderPath: () => string;
  readonly undrained: UndrainedCalls;
  /** Size at which a new file is begun. */
  readonly segmentBytes: number;
  /** Ended calls in memory beyond which files are read back to be drained. */
  readonly memoryLimit: number;
  /** Called when the disk refused lines. */
  readonly onRefused: (error: unknown) => void;
  /** Called for each other failure, with one sentence for the log. */
  readonly onError: (message: string, error: unknown) => void;
}

const retryMs = 1000;

/** The files of one process's journal: which is written to, when the next is begun, and which are needed no more. */
export class SegmentWriter {
  private current: Segment | undefined;
  private nextSegment = 1;
  private retryAt = 0;
  private isClosed = false;

  constructor(private readonly options: SegmentWriterOptions) {}

  /** False for a moment after the disk refused. */
  get isReady(): boolean {
    return performance.now() >= this.retryAt;
  }

  /** Appends to the current file; undefined when the disk refused, now or just before, and once closed. */
  write(lines: Buffer): Segment | undefined {
    if (this.isClosed || !this.isReady) return undefined;
    try {
      const segment = this.segmentToWrite();
      segment.append(lines);
      return segment;
    } catch (error) {
      // The file may end in a torn line now: what follows goes to another.
      this.retire();
      this.retryAt = performance.now() + retryMs;
      this.options.onRefused(error);
      return undefined;
    }
  }

  /** Writes no more to the current file. */
  retire(): void {
    const segment = this.current;
    this.current = undefined;
    segment?.close();
    if (segment?.isDone() === true) this.release(segment);
  }

  /** The same for a file whose ends can only be drained when it is no longer written to. */
  retireSpilled(): void {
    if (this.current?.spilled === true) this.retire();
  }

  /** A file of which nothing is needed: the current one is emptied, so that little is read again after a crash. */
  release(segment: Segment): void {
    const { onError } = this.options;
    try {
      if (segment === this.current) segment.empty();
      else segment.remove().catch((error: unknown) => onError('A drained journal file cannot be removed.', error));
    } catch (error) {
      onError('A drained journal file cannot be emptied.', error);
    }
  }

  /** Lets go of a file that is no longer written to when nothing in it is needed. */
  releaseIfDone(segment: Segment): void {
    if (segment !== this.current && segment.isDone()) this.release(segment);
  }

  /** Starts over in the folder as it is now. */
  moveOn(): void {
    this.retire();
    this.retryAt = 0;
  }

  close(): void {
    this.isClosed = true;
    this.retire();
  }

  private segmentToWrite(): Segment {
    const { undrained, memoryLimit, segmentBytes, folderPath } = this.options;
    const limit = this.current?.spilled === true ? memoryLimit / 2 : memoryLimit;
    const spill = undrained.inMemory >= limit;
    if (this.current !== undefined && this.current.spilled === spill && this.current.size < segmentBytes) return this.current;
    this.retire();
    const segment = new Segment(join(folderPath(), `${this.nextSegment}.log`), spill);
    this.nextSegment += 1;
    if (spill) undrained.spill(segment);
    this.current = segment;
    return segment;
  }
}
