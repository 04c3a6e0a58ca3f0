import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';

/** One file of a journal, with the count of what it still is needed for. Only ever appended to. */
export class Segment {
  /** Bytes written so far. */
  size = 0;
  /** Calls whose begin stands here and whose end stands nowhere yet. */
  openCalls = 0;
  /** Ends that stand here, are in memory too, and are not in the database yet. */
  undrained = 0;
  private fd: number | undefined;

  /**
   * Creates the file.
   * @param spilled whether ends that stand here are not in memory: they are read back from the file to be drained.
   * @throws Error of the file system.
   */
  constructor(
    readonly path: string,
    public spilled: boolean,
  ) {
    this.fd = openSync(path, 'ax', 0o600);
  }

  /**
   * Hands the lines to the kernel: from then on it survives the death of the process (a loss of power it may not).
   * @throws Error of the file system, e.g. a full disk. The file may then end in a torn line and must not be written to.
   */
  append(bytes: Buffer): void {
    if (this.fd === undefined) throw new Error('The segment is closed.');
    let offset = 0;
    while (offset < bytes.length) offset += writeSync(this.fd, bytes, offset);
    this.size += bytes.length;
  }

  /** True while it can be written to. */
  isOpen(): boolean {
    return this.fd !== undefined;
  }

  /** True when nothing in the file is needed any more. */
  isDone(): boolean {
    return this.openCalls === 0 && this.undrained === 0 && !this.spilled;
  }

  /** Drops what the file holds; writing continues at its start. */
  empty(): void {
    if (this.fd !== undefined) ftruncateSync(this.fd, 0);
    this.size = 0;
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
