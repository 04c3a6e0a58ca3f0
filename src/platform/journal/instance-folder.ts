import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBase62 } from '../../kernel/ids.js';
import { currentOwner } from './owner.js';

/** The file that names the owner of a folder. Its age is the owner's heartbeat. */
export const ownerFile = 'owner.json';

/** What the name of a folder begins with while it is being made. */
export const unfinishedPrefix = '.new-';

/** One process's own folder below the journal's root. Its name is never used again. */
export class InstanceFolder {
  readonly path: string;

  private constructor(
    root: string,
    readonly name: string,
  ) {
    this.path = join(root, name);
  }

  /**
   * Makes a new folder with its owner in it, in one step for whoever looks on.
   * @throws Error of the file system, e.g. when the root cannot be written to.
   */
  static create(root: string): InstanceFolder {
    const folder = new InstanceFolder(root, `${process.pid}-${randomBase62(10)}`);
    const unfinished = join(root, unfinishedPrefix + folder.name);
    mkdirSync(unfinished, { recursive: true, mode: 0o700 });
    writeFileSync(join(unfinished, ownerFile), JSON.stringify(currentOwner()));
    renameSync(unfinished, folder.path);
    return folder;
  }

  /** Says that the owner lives. False when the folder is gone: another process took it for abandoned. */
  async beat(): Promise<boolean> {
    const now = new Date();
    try {
      await utimes(join(this.path, ownerFile), now, now);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** Gives the folder up with what is in it: any process may adopt it at once. */
  async release(): Promise<void> {
    await rm(join(this.path, ownerFile), { force: true });
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
