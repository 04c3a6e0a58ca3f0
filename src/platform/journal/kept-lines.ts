import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What stands in a journal and cannot be read by this build, kept apart in a folder beside it: `<instance>.log` with the
 * lines of one process's journal, and whole files that are none of a journal's. It is there until a build reads it, or until
 * the operator takes it away. Not below the journal's root: every name there is a process to any build.
 */
export class KeptLines {
  readonly folder: string;
  private bytes = 0;

  /** @param journalRoot the folder of all journals. */
  constructor(journalRoot: string) {
    this.folder = `${journalRoot}-kept`;
  }

  /** How many bytes are kept, as it was last looked at or added to. */
  get keptBytes(): number {
    return this.bytes;
  }

  pathOf(instance: string): string {
    return join(this.folder, `${instance}.log`);
  }

  /**
   * Keeps lines of a dead process's journal. The `first` of a reading replace what an earlier, unfinished one had kept.
   * @throws Error of the file system; then the journal must not be removed.
   */
  async keep(instance: string, lines: readonly string[], first: boolean): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const text = textOf(lines);
    await writeFile(this.pathOf(instance), text, { mode: 0o600, flag: first ? 'w' : 'a' });
    this.bytes += Buffer.byteLength(text);
  }

  /** Keeps lines of a process's own files, at once. @throws Error of the file system. */
  keepNow(instance: string, lines: readonly string[]): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const text = textOf(lines);
    appendFileSync(this.pathOf(instance), text, { mode: 0o600 });
    this.bytes += Buffer.byteLength(text);
  }

  /** Hands what was kept of a journal to the disk: its folder is removed next. */
  async settle(instance: string): Promise<void> {
    const file = await open(this.pathOf(instance), 'r').catch(() => undefined);
    await file?.sync().finally(() => file.close());
  }

  /** Takes a whole file over. */
  async keepFile(instance: string, folder: string, name: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await rename(join(folder, name), join(this.folder, `${instance}.${name}`));
  }

  /** The journals of which lines are kept; counts what is kept. */
  async list(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    const sizes = await Promise.all(names.map((name) => stat(join(this.folder, name)).catch(() => undefined)));
    this.bytes = sizes.reduce((sum, file) => sum + (file?.size ?? 0), 0);
    return names.filter((name) => /^[^.]+\.log$/.test(name)).map((name) => name.slice(0, -'.log'.length));
  }

  /** All lines of it are where they belong now. */
  async remove(instance: string): Promise<void> {
    await rm(this.pathOf(instance), { force: true });
    await this.list();
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
