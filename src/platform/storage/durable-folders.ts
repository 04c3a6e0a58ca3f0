import { close, fsync, open } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Groups } from '../../kernel/groups.js';

// Of descriptors: a handle of `fs/promises` costs the event loop several times as much, and this is done for each upload.
const openFolder = promisify(open);
const syncDescriptor = promisify(fsync);
const closeDescriptor = promisify(close);

const rememberedFolders = 10_000;

/** Folders whose names outlive the machine's death, as far as this process knows. */
export class DurableFolders {
  private readonly known = new Set<string>();
  private readonly syncs = new Groups<undefined, void>(async (folder, all) => {
    await syncFolder(folder);
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
  }

  /** Brings a folder's list of names to the disk, as it is now. One who asks while others wait shares their turn. */
  sync(folder: string): Promise<void> {
    return this.syncs.add(folder, undefined);
  }
}

/** Windows has no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const descriptor = await openFolder(folder, 'r');
  try {
    await syncDescriptor(descriptor);
  } finally {
    await closeDescriptor(descriptor);
  }
}
