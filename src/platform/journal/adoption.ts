import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerFile, unfinishedPrefix } from './instance-folder.js';
import { readFolder, strangersOf, type RecordGroup } from './journal-reader.js';
import { currentOwner, judgeOwner, parseOwner, type Owner } from './owner.js';
import type { RecordKinds } from './record-kinds.js';

export interface AdoptionOptions {
  /** Folder of all journals. */
  readonly root: string;
  /** Name of this process's own folder. */
  readonly me: () => string;
  /** What this build can read. */
  readonly kinds: RecordKinds;
  /** How long a heartbeat must stand still until an owner that cannot be seen counts as dead. Default 30,000. */
  readonly silenceMs?: number;
}

/** A dead process's folder that is this process's alone to read. */
export interface AdoptedFolder {
  readonly name: string;
  readonly path: string;
  /** Every record in it in groups, open calls as `interrupted`, and what cannot be read. */
  records(): AsyncGenerator<RecordGroup, void>;
  /** The names of files in it that no journal of this build has. */
  strangers(): Promise<string[]>;
  /** To be called when all records are committed and what cannot be read is kept elsewhere. */
  remove(): Promise<void>;
}

const mark = '.adopted-by-';
const unfinishedMs = 60_000;

/**
 * Finds the journals that dead processes left behind. A folder is claimed by renaming it, which one process alone can
 * do; one whose adopter died too is claimed from it in the same way. One caller at a time.
 */
export class Adoption {
  private readonly owner: Owner = currentOwner();
  private readonly silenceMs: number;
  /** Heartbeats as they were when first seen, so that clocks of other machines do not matter. */
  private heartbeats = new Map<string, { readonly mtimeMs: number; readonly seenAt: number }>();

  constructor(private readonly options: AdoptionOptions) {
    this.silenceMs = options.silenceMs ?? 30_000;
  }

  /** Claims every abandoned folder. What was claimed before and not removed yet is given again. */
  async claimAbandoned(): Promise<AdoptedFolder[]> {
    const names = (await readdir(this.options.root)).filter((name) => name !== this.options.me());
    const dead = await this.deadInstances(names);
    const claimed: AdoptedFolder[] = [];
    for (const name of names.filter((candidate) => !candidate.startsWith(unfinishedPrefix))) {
      const folder = await this.claim(name, dead);
      if (folder !== undefined) claimed.push(folder);
    }
    await this.sweepUnfinished(names);
    return claimed;
  }

  private async claim(name: string, dead: ReadonlySet<string>): Promise<AdoptedFolder | undefined> {
    const [instance = name, adopter] = name.split(mark);
    const holder = adopter ?? instance;
    const mine = join(this.options.root, instance + mark + this.options.me());
    if (holder !== this.options.me()) {
      if (!dead.has(holder)) return undefined;
      if (!(await renamed(join(this.options.root, name), mine))) return undefined;
    }
    return {
      name: instance,
      path: mine,
      records: () => readFolder(mine, this.options.kinds),
      strangers: () => strangersOf(mine, [ownerFile]),
      remove: () => rm(mine, { recursive: true, force: true }),
    };
  }

  /** The instances among folders and adopters that live no more. An adopter without a folder of its own is dead. */
  private async deadInstances(names: readonly string[]): Promise<Set<string>> {
    const holders = new Set(
      names.filter((name) => !name.startsWith(unfinishedPrefix)).map((name) => name.split(mark).at(-1) ?? name),
    );
    const heartbeats: typeof this.heartbeats = new Map();
    const dead = new Set<string>();
    for (const holder of holders) {
      const heartbeat = await this.lifeOf(holder);
      if (heartbeat === 'dead') dead.add(holder);
      else if (heartbeat !== 'alive') heartbeats.set(holder, heartbeat);
    }
    this.heartbeats = heartbeats;
    return dead;
  }

  private async lifeOf(instance: string): Promise<'alive' | 'dead' | { mtimeMs: number; seenAt: number }> {
    if (instance === this.options.me()) return 'alive';
    const path = join(this.options.root, instance, ownerFile);
    const owner = await readOwner(path);
    if (owner === undefined) return 'dead';
    const judgement = judgeOwner(owner, this.owner);
    if (judgement !== 'unknown') return judgement;
    const mtimeMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
    const known = this.heartbeats.get(instance);
    if (known?.mtimeMs !== mtimeMs) return { mtimeMs, seenAt: performance.now() };
    return performance.now() - known.seenAt >= this.silenceMs ? 'dead' : known;
  }

  /** Folders that a process began to make before it died hold nothing. */
  private async sweepUnfinished(names: readonly string[]): Promise<void> {
    for (const name of names.filter((candidate) => candidate.startsWith(unfinishedPrefix))) {
      const path = join(this.options.root, name);
      const made = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
      if (Date.now() - made > unfinishedMs) await rm(path, { recursive: true, force: true });
    }
  }
}

/** The owner of a folder; undefined when the folder has none: it was given up, or it is gone. */
async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return parseOwner(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** False when another process was first. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
