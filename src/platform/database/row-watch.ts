import type { OnApplicationShutdown } from '@nestjs/common';

/** A row that somebody waits for. */
export interface WatchedRow {
  readonly tenantId: string;
  readonly id: string;
}

/** Called with each change, also with what is there at the beginning; undefined: the row is gone. */
export type RowListener<Row> = (row: Row | undefined) => void;

const intervalMs = 200;

interface Watched<Row> {
  readonly row: WatchedRow;
  /** Those who wait, each with what it was told last. */
  readonly listeners: Map<RowListener<Row>, string | undefined>;
}

/**
 * Tells those who wait how a row changes. One statement asks for all watched rows of this process, five times a second and
 * only while there are any: whoever waits holds no connection, and a thousand cost hardly more than one.
 */
export abstract class RowWatch<Row extends WatchedRow> implements OnApplicationShutdown {
  private readonly watched = new Map<string, Watched<Row>>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  /** How many wait now. */
  get waiting(): number {
    return [...this.watched.values()].reduce((sum, { listeners }) => sum + listeners.size, 0);
  }

  /** Watches a row until the function that is given back is called. */
  watch(row: WatchedRow, listener: RowListener<Row>): () => void {
    const key = keyOf(row);
    const entry = this.watched.get(key) ?? { row, listeners: new Map<RowListener<Row>, string | undefined>() };
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

  /** What is there of these rows by now. */
  protected abstract read(rows: readonly WatchedRow[]): Promise<readonly Row[]>;

  /** A text that differs where those who wait are to be told. */
  protected abstract stateOf(row: Row): string;

  private schedule(ms: number): void {
    if (this.timer !== undefined || this.isClosed) return;
    this.timer = setTimeout(() => void this.look(), ms).unref();
  }

  private async look(): Promise<void> {
    const startedAt = performance.now();
    const entries = [...this.watched.values()];
    try {
      const rows = await this.read(entries.map(({ row }) => row));
      const byKey = new Map(rows.map((row) => [keyOf(row), row]));
      for (const entry of entries) this.tell(entry, byKey.get(keyOf(entry.row)));
    } catch {
      // The database is away; the next look comes anyhow.
    }
    this.timer = undefined;
    if (this.watched.size > 0) this.schedule(Math.max(intervalMs, performance.now() - startedAt));
  }

  private tell(entry: Watched<Row>, row: Row | undefined): void {
    const now = row === undefined ? 'gone' : this.stateOf(row);
    for (const [listener, before] of [...entry.listeners]) {
      if (now === before || !entry.listeners.has(listener)) continue;
      entry.listeners.set(listener, now);
      listener(row);
    }
  }
}

function keyOf({ tenantId, id }: WatchedRow): string {
  return `${tenantId}/${id}`;
}
