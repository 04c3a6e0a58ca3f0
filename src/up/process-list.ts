import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { DataFolder } from './data-folder.js';
import { processIdentity } from './process-identity.js';
import { UpError } from './up-error.js';

const file = 'processes.json';
const pollMs = 25;

const entrySchema = z.object({ name: z.string(), pid: z.number(), identity: z.string() });
const listSchema = z.object({ up: entrySchema, stopping: z.boolean(), children: z.array(entrySchema) });

type Entry = z.infer<typeof entrySchema>;

/**
 * The processes that belong to a data folder, noted as they start: what a killed `up` left behind is known to the next
 * one by number and time of start, so that nothing else is ever ended. The list is also the folder's lock.
 */
export class ProcessList {
  private stopping = false;

  private constructor(
    private readonly folder: DataFolder,
    private readonly children: Map<string, Entry>,
  ) {}

  /**
   * Takes the folder over: waits for an `up` that is stopping, ends what a killed one left.
   * @throws UpError when another `up` runs on the folder, or what should end does not.
   */
  static async claim(folder: DataFolder, onProgress: (text: string) => void, waitMs: number): Promise<ProcessList> {
    const before = readList(folder);
    if (before !== null && isSame(before.up)) await waitForEnd(folder, before.up, onProgress, waitMs);
    const stale = readList(folder)?.children ?? [];
    moveStaleAside(folder);
    // What is to end stays on the list until it has: this process may be killed here too.
    const list = new ProcessList(folder, new Map(stale.map((child) => [child.name, child])));
    if (!folder.createJson(file, list.content())) throw new UpError(`Another start has just taken ${folder.path}.`);
    for (const child of stale.filter(isSame)) {
      onProgress(`ending the ${child.name} that a killed start left behind (process ${child.pid})`);
      await end(child);
    }
    list.children.clear();
    list.write();
    return list;
  }

  note(name: string, pid: number): void {
    const identity = processIdentity(pid);
    if (identity === null) return;
    this.children.set(name, { name, pid, identity });
    this.write();
  }

  /** Tells the next `up` that this one will be gone soon. */
  markStopping(): void {
    this.stopping = true;
    this.write();
  }

  /** Forgets the list: everything on it has ended. */
  release(): void {
    this.folder.remove(file);
  }

  private content(): z.infer<typeof listSchema> {
    const up = { name: 'up', pid: process.pid, identity: processIdentity(process.pid) ?? '' };
    return { up, stopping: this.stopping, children: [...this.children.values()] };
  }

  private write(): void {
    this.folder.writeJson(file, this.content());
  }
}

/** Of two that find the same stale list, the second may have moved the new list of the first: that one is put back. */
function moveStaleAside(folder: DataFolder): void {
  const aside = `${file}.stale-${process.pid}`;
  if (!folder.rename(file, aside)) return;
  const moved = readList(folder, aside);
  if (moved !== null && isSame(moved.up)) folder.rename(aside, file);
  else folder.remove(aside);
}

/** A damaged list is worth nothing and holds no secret: it counts as none. */
function readList(folder: DataFolder, name = file): z.infer<typeof listSchema> | null {
  try {
    return folder.readJson(name, listSchema);
  } catch {
    return null;
  }
}

function isSame(entry: Entry): boolean {
  return processIdentity(entry.pid) === entry.identity;
}

async function waitForEnd(folder: DataFolder, up: Entry, onProgress: (text: string) => void, waitMs: number): Promise<void> {
  if (readList(folder)?.stopping !== true) {
    throw new UpError(
      `The platform already runs from ${folder.path} (process ${up.pid}). ` +
        'Stop it with Ctrl-C there, or start another one with its own GT_DATA_DIR and GT_PORT.',
    );
  }
  onProgress(`waiting for the platform that is stopping (process ${up.pid})`);
  for (const deadline = Date.now() + waitMs; isSame(up); await wait(pollMs)) {
    if (Date.now() > deadline) throw new UpError(`The platform of ${folder.path} (process ${up.pid}) does not stop.`);
  }
}

async function end(entry: Entry): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGTERM', 3_000],
    ['SIGKILL', 5_000],
  ] as const) {
    process.kill(entry.pid, signal);
    for (const deadline = Date.now() + waitMs; Date.now() < deadline; await wait(pollMs)) {
      if (!isSame(entry)) return;
    }
  }
  throw new UpError(`The ${entry.name} that a killed start left behind (process ${entry.pid}) does not end.`);
}
