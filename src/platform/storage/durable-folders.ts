import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Groups } from '../../kernel/groups.js';
import { OpenFile } from './open-file.js';

const rememberedFolders = 10_000;
/** Those of the busiest tenants: each has a few dozen. */
const openFolders = 256;

/** Folders whose names outlive the machine's death, as far as this process knows. */
export class DurableFolders {
  private readonly known = new Set<string>();
  /** Kept open, since each upload brings one to the disk; the one that was used last comes last. */
  private readonly open = new Map<string, Promise<OpenFile>>();
  private readonly syncs = new Groups<undefined, void>(async (folder, all) => {
    await this.syncOpen(folder);
    return all.map((value) => ({ status: 'fulfilled', value }));
  }, Infinity);

  constructor(private readonly root: string) {}

  /**
   * Makes a folder below the root, with those between, and brings their names to the disk. A folder that stood there
   * already is treated the same the first time: whoever made it may not have got to the disk yet. One that is known is not
   * looked at again: whoever finds that it is gone forgets it.
   */
  async make(folder: string): Promise<void> {
    if (this.known.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let path = folder; path !== this.root && path !== dirname(path); path = dirname(path)) await syncFolder(dirname(path));
    if (this.known.size >= rememberedFolders) this.known.clear();
    this.known.add(folder);
  }

  /** To be called when a folder is found to be gone: it is made anew the next time. */
  forget(folder: string): void {
    this.known.delete(folder);
    this.letGo(folder);
  }

  /** Brings a folder's list of names to the disk, as it is now. One who asks while others wait shares their turn. */
  sync(folder: string): Promise<void> {
    return this.syncs.add(folder, undefined);
  }

  /** Lets go of all folders. */
  close(): void {
    for (const folder of this.open.keys()) this.letGo(folder);
  }

  private async syncOpen(folder: string): Promise<void> {
    if (cannotSync) return;
    try {
      const file = await this.opened(folder);
      // Others that came meanwhile may have taken its place.
      await (file.isClosed ? syncFolder(folder) : file.sync());
    } catch (error) {
      this.letGo(folder);
      throw error;
    }
  }

  private opened(folder: string): Promise<OpenFile> {
    const opening = this.open.get(folder) ?? OpenFile.open(folder, 'r');
    this.open.delete(folder);
    this.open.set(folder, opening);
    const [oldest] = this.open.keys();
    if (this.open.size > openFolders && oldest !== undefined) this.letGo(oldest);
    return opening;
  }

  private letGo(folder: string): void {
    const opening = this.open.get(folder);
    this.open.delete(folder);
    void opening?.then((file) => file.close()).catch(() => undefined);
  }
}

/** Windows has no such thing. */
const cannotSync = process.platform === 'win32';

async function syncFolder(folder: string): Promise<void> {
  if (cannotSync) return;
  const file = await OpenFile.open(folder, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
