import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { DurableFolders } from './durable-folders.js';
import { IncomingParts } from './incoming-parts.js';
import { checkInstallation, parseKey, readKey, readListPrefix, readPrefix } from './object-key.js';
import {
  checkRange,
  ObjectStore,
  type ByteRange,
  type ListedObject,
  type ObjectFacts,
  type ObjectWriter,
} from './object-store.js';
import type { PartFile } from './part-file.js';
import { isAbsent, storageFailure } from './storage-failure.js';

export interface LocalObjectStoreOptions {
  /** Folder of all objects; made when it is missing. */
  readonly root: string;
}

const moveAttempts = 3;

/**
 * Objects as files: `<root>/<tenant id>/<last character of the file id>/<file id>`. A file is received as a part in
 * `<root>/incoming`, brought to the disk, renamed, and its folder brought to the disk: so it is whole or absent.
 */
export class LocalObjectStore extends ObjectStore {
  private readonly root: string;
  private readonly parts: IncomingParts;
  private readonly folders: DurableFolders;

  constructor(options: LocalObjectStoreOptions) {
    super();
    this.root = resolve(options.root);
    this.parts = new IncomingParts(join(this.root, 'incoming'));
    this.folders = new DurableFolders(dirname(this.root));
  }

  async beginWrite(): Promise<ObjectWriter> {
    const part = await this.parts.open();
    return { stream: part.stream, commit: (key) => this.place(part, key), abort: () => part.discard() };
  }

  async openRead(key: string, range: ByteRange = {}): Promise<Readable | undefined> {
    checkRange(range);
    return absentAsUndefined(async () => {
      const handle = await open(this.pathOf(key), 'r');
      return createReadStream('', { fd: handle, start: range.start ?? 0, end: range.end ?? Infinity });
    });
  }

  stat(key: string): Promise<ObjectFacts | undefined> {
    return absentAsUndefined(() => factsOf(this.pathOf(key)));
  }

  async delete(key: string): Promise<void> {
    await orFailure(rm(this.pathOf(key), { force: true }));
  }

  async deletePrefix(prefix: string): Promise<void> {
    await orFailure(rm(join(this.root, readPrefix(prefix)), { recursive: true, force: true, maxRetries: 3 }));
  }

  async *list(prefix: string): AsyncGenerator<ListedObject, void> {
    const wanted = readListPrefix(prefix);
    for (const tenantId of await namesIn(this.root)) {
      if (!`${tenantId}/`.startsWith(wanted)) continue;
      for (const shard of await namesIn(join(this.root, tenantId))) {
        for (const id of await namesIn(join(this.root, tenantId, shard))) {
          const key = `${tenantId}/${id}`;
          const facts = parseKey(key) === undefined ? undefined : await this.stat(key);
          if (facts !== undefined) yield { key, ...facts };
        }
      }
    }
  }

  sweep(): Promise<number> {
    return orFailure(this.parts.sweep());
  }

  claim(installation: string, owner: string): Promise<string> {
    return orFailure(this.claimIn(this.claimPath(installation), owner));
  }

  owner(installation: string): Promise<string | null> {
    return orFailure(
      readFile(this.claimPath(installation), 'utf8').catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }),
    );
  }

  async reclaim(installation: string, owner: string): Promise<void> {
    const path = this.claimPath(installation);
    await orFailure(this.writeBeside(path, owner, (written) => rename(written, path)));
  }

  private claimPath(installation: string): string {
    return join(this.root, `${checkInstallation(installation)}.claim`);
  }

  /** A link to a whole file is made once, whoever else tries. */
  private async claimIn(path: string, owner: string): Promise<string> {
    await this.writeBeside(path, owner, (written) => link(written, path)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
    return readFile(path, 'utf8');
  }

  private async writeBeside(path: string, text: string, place: (written: string) => Promise<void>): Promise<void> {
    const written = `${path}.${randomUUID()}`;
    await this.folders.make(dirname(path));
    try {
      await writeFile(written, text, { flush: true });
      await place(written);
    } finally {
      await rm(written, { force: true });
    }
  }

  /** Writes a byte: nothing less tells a full or read-only disk from a working one. */
  async ping(): Promise<void> {
    const part = await this.parts.open();
    try {
      part.stream.end('.');
      await part.finish();
    } finally {
      await part.discard();
    }
  }

  async close(): Promise<void> {
    await this.parts.close();
    this.folders.close();
  }

  private async place(part: PartFile, key: string): Promise<void> {
    const path = this.pathOf(key);
    let isPlaced = false;
    try {
      await part.finish();
      await part.flush();
      await this.move(part, path);
      isPlaced = true;
      await Promise.all([part.close(), this.folders.sync(dirname(path))]);
    } catch (error) {
      await part.discard();
      if (isPlaced) await rm(path, { force: true }).catch(() => undefined);
      throw storageFailure(error);
    }
  }

  /** The tenant's folder may be removed by another process between its making and the renaming. */
  private async move(part: PartFile, path: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await this.folders.make(dirname(path));
      try {
        return await part.moveTo(path);
      } catch (error) {
        if (!isAbsent(error) || attempt === moveAttempts) throw error;
        this.folders.forget(dirname(path));
      }
    }
  }

  private pathOf(key: string): string {
    const { tenantId, id } = readKey(key);
    return join(this.root, tenantId, id.slice(-1), id);
  }
}

async function factsOf(path: string): Promise<ObjectFacts> {
  const { size, mtimeMs } = await stat(path);
  return { bytes: size, modifiedAtMs: Math.floor(mtimeMs) };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw storageFailure(error);
  }
}

async function absentAsUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error instanceof RangeError ? error : storageFailure(error);
  }
}

async function orFailure<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storageFailure(error);
  }
}
