import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { FileProgress } from '../record/file-record.js';
import { FileWatchRepository, type WatchedFile } from './file-watch.repository.js';

/** Called with each change, also with what is there at the beginning; undefined: the file is gone. */
export type ProgressListener = (progress: FileProgress | undefined) => void;

const intervalMs = 200;

interface Watched {
  readonly file: WatchedFile;
  /** Those who wait, each with what it was told last. */
  readonly listeners: Map<ProgressListener, string | undefined>;
}

/**
 * Tells those who wait of a file's progress. One statement asks for all watched files of this process, five times a
 * second and only while there are any: whoever waits holds no connection, and a thousand cost hardly more than one.
 */
@Injectable()
export class FileWatch implements OnApplicationShutdown {
  private readonly watched = new Map<string, Watched>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly repository: FileWatchRepository) {}

  /** How many wait now. */
  get waiting(): number {
    return [...this.watched.values()].reduce((sum, { listeners }) => sum + listeners.size, 0);
  }

  /** Watches a file until the function that is given back is called. */
  watch(file: WatchedFile, listener: ProgressListener): () => void {
    const key = keyOf(file);
    const entry = this.watched.get(key) ?? { file, listeners: new Map<ProgressListener, string | undefined>() };
    this.watched.set(key, entry);
    entry.listeners.set(listener, undefined);
    this.schedule(0);
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size === 0) this.watched.delete(key);
    };
  }

  onApplicationShutdown(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private schedule(ms: number): void {
    if (this.timer !== undefined || this.isClosed) return;
    this.timer = setTimeout(() => void this.look(), ms).unref();
  }

  private async look(): Promise<void> {
    const startedAt = performance.now();
    const entries = [...this.watched.values()];
    try {
      const rows = await this.repository.read(entries.map(({ file }) => file));
      const byKey = new Map(rows.map((row) => [keyOf(row), row]));
      for (const entry of entries) tell(entry, byKey.get(keyOf(entry.file)));
    } catch {
      // The database is away; the next look comes anyhow.
    }
    this.timer = undefined;
    if (this.watched.size > 0) this.schedule(Math.max(intervalMs, performance.now() - startedAt));
  }
}

function tell(entry: Watched, row: FileProgress | undefined): void {
  const now = row === undefined ? 'gone' : `${row.state} ${row.stage} ${row.percent} ${row.attempts}`;
  for (const [listener, before] of [...entry.listeners]) {
    if (now === before || !entry.listeners.has(listener)) continue;
    entry.listeners.set(listener, now);
    listener(row);
  }
}

function keyOf({ tenantId, id }: WatchedFile): string {
  return `${tenantId}/${id}`;
}
