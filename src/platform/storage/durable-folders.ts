import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

const rememberedFolders = 10_000;

/** Folders whose names outlive the machine's death, as far as this process knows. */
export class DurableFolders {
  private readonly known = new Set<string>();

  constructor(private readonly root: string) {}

  /**
   * Makes a folder below the root, with those between, and brings their names to the disk. A folder that stood there
   * already is treated the same the first time: whoever made it may not have got to the disk yet.
   */
  async make(folder: string): Promise<void> {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made === undefined && this.known.has(folder)) return;
    for (let path = folder; path !== this.root && path !== dirname(path); path = dirname(path)) await syncFolder(dirname(path));
    if (this.known.size >= rememberedFolders) this.known.clear();
    this.known.add(folder);
  }
}

/** Brings a folder's list of names to the disk. Windows has no such thing. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
