import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBase62 } from '../../kernel/ids.js';
import { InstanceFolder, ownerFile, unfinishedPrefix } from '../journal/instance-folder.js';
import { currentOwner, judgeOwner, parseOwner, type Owner } from '../journal/owner.js';
import { OpenFile } from './open-file.js';
import { PartFile } from './part-file.js';
import { isAbsent, storageFailure } from './storage-failure.js';

/** How long a part may stand still when nobody can tell whether its owner lives. */
const staleMs = 60 * 60 * 1000;
const unfinishedMs = 60_000;

/**
 * The part files of all processes that share a folder, `<root>/<instance>/<random>.part`. Each process has a folder of
 * its own that names its owner, so that a sweep can tell what a dead process left from what a slow client still sends.
 */
export class IncomingParts {
  private readonly owner: Owner = currentOwner();
  private folder: InstanceFolder | undefined;
  private readonly active = new Set<PartFile>();

  constructor(private readonly root: string) {}

  /** A new, empty part. @throws AppError `overloaded` when the disk does not give one. */
  async open(): Promise<PartFile> {
    try {
      return await this.openIn(this.ownFolder());
    } catch (error) {
      if (!isAbsent(error)) throw storageFailure(error);
    }
    // A process elsewhere may have swept our folder while it was empty for long.
    this.folder = undefined;
    try {
      return await this.openIn(this.ownFolder());
    } catch (error) {
      throw storageFailure(error);
    }
  }

  /**
   * Removes the parts of dead processes at once, and those of processes that cannot be seen from here (another machine
   * or container) when nothing was written to them for an hour.
   */
  async sweep(): Promise<number> {
    let removed = 0;
    for (const name of await namesIn(this.root)) {
      if (name !== this.folder?.name) removed += await this.sweepFolder(name);
    }
    return removed;
  }

  /** Drops all parts of this process and its folder. */
  async close(): Promise<void> {
    await Promise.all([...this.active].map((part) => part.discard()));
    await this.folder?.remove();
    this.folder = undefined;
  }

  private ownFolder(): InstanceFolder {
    this.folder ??= InstanceFolder.create(this.root);
    return this.folder;
  }

  private async openIn(folder: InstanceFolder): Promise<PartFile> {
    const path = join(folder.path, `${randomBase62(20)}.part`);
    const part = new PartFile(path, await OpenFile.open(path, 'wx+', 0o600), (gone) => this.active.delete(gone));
    this.active.add(part);
    return part;
  }

  private async sweepFolder(name: string): Promise<number> {
    const path = join(this.root, name);
    if (name.startsWith(unfinishedPrefix)) {
      if (await isOlder(path, unfinishedMs)) await rm(path, { recursive: true, force: true });
      return 0;
    }
    const judgement = await this.judge(path);
    if (judgement === 'alive') return 0;
    const parts = (await namesIn(path)).filter((file) => file !== ownerFile);
    if (judgement === 'dead') {
      await rm(path, { recursive: true, force: true });
      return parts.length;
    }
    return removeStale(path, parts);
  }

  private async judge(path: string): Promise<'alive' | 'dead' | 'unknown'> {
    try {
      const owner = parseOwner(await readFile(join(path, ownerFile), 'utf8'));
      return owner === undefined ? 'dead' : judgeOwner(owner, this.owner);
    } catch (error) {
      if (isAbsent(error)) return 'dead';
      throw error;
    }
  }
}

async function removeStale(folder: string, parts: readonly string[]): Promise<number> {
  let removed = 0;
  for (const part of parts) {
    if (!(await isOlder(join(folder, part), staleMs))) continue;
    await rm(join(folder, part), { force: true });
    removed += 1;
  }
  if (removed === parts.length && (await isOlder(folder, staleMs))) await rm(folder, { recursive: true, force: true });
  return removed;
}

async function isOlder(path: string, ageMs: number): Promise<boolean> {
  const changedMs = (await stat(path).catch(() => undefined))?.mtimeMs;
  return changedMs !== undefined && Date.now() - changedMs > ageMs;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}
