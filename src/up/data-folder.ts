import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { errorCode } from '../platform/embedded-postgres/embedded-postgres-error.js';
import { messageOf } from './message-of.js';
import { UpError } from './up-error.js';

/** The data folder (GT_DATA_DIR): private to its user, and every file that `up` writes in it is too. */
export class DataFolder {
  constructor(readonly path: string) {
    try {
      mkdirSync(join(path, 'logs'), { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new UpError(`The data folder ${path} (GT_DATA_DIR) cannot be used: ${messageOf(error)}.`, { cause: error });
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  logFile(name: string): string {
    return join(this.path, 'logs', `${name}.log`);
  }

  /**
   * Reads one of the JSON files; null when there is none.
   * @throws UpError when it is damaged: a file of secrets must never be replaced silently.
   */
  readJson<T>(name: string, schema: z.ZodType<T>): T | null {
    let text: string;
    try {
      text = readFileSync(this.file(name), 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      const hint = errorCode(error) === 'EACCES' ? ' It belongs to another user of this machine: run as that user.' : '';
      throw new UpError(`${this.file(name)} cannot be read: ${messageOf(error)}.${hint}`, { cause: error });
    }
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      throw new UpError(`${this.file(name)} is damaged. Restore it from a backup, or move it away if you can do without it.`);
    }
  }

  /** Writes a JSON file of mode 0600 as a whole or not at all, whatever happens meanwhile. */
  writeJson(name: string, value: object): void {
    renameSync(this.writePart(name, value), this.file(name));
  }

  /** Like `writeJson`, but false and without effect when the file is there already, also for two at once. */
  createJson(name: string, value: object): boolean {
    const part = this.writePart(name, value);
    try {
      linkSync(part, this.file(name));
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(part);
    }
  }

  /** Renames one of the files; false when it is not there. */
  rename(from: string, to: string): boolean {
    try {
      renameSync(this.file(from), this.file(to));
      return true;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  private writePart(name: string, value: object): string {
    const part = this.file(`${name}.part-${process.pid}`);
    const file = openSync(part, 'w', 0o600);
    try {
      writeSync(file, `${JSON.stringify(value, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return part;
  }
}
