import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { ResponsePlace, StreamPosition } from './background-record.js';
import { BackgroundWatchRepository } from './background-watch.repository.js';

/** Called with each change, also with what is there at the beginning; undefined: the response is gone. */
export type PositionListener = (position: StreamPosition | undefined) => void;

const intervalMs = 200;

interface Watched {
  readonly place: ResponsePlace;
  /** Those who follow, each with what it was told last. */
  readonly listeners: Map<PositionListener, string | undefined>;
}

/**
 * Tells those who follow a response how far its stream is. One statement asks for all that are followed in this process, five
 * times a second and only while there are any.
 */
@Injectable()
export class BackgroundWatch implements OnApplicationShutdown {
  private readonly watched = new Map<string, Watched>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly repository: BackgroundWatchRepository) {}

  /** Watches a response until the function that is given back is called. */
  watch(place: ResponsePlace, listener: PositionListener): () => void {
    const { id } = place;
    const entry = this.watched.get(id) ?? { place, listeners: new Map<PositionListener, string | undefined>() };
    this.watched.set(id, entry);
    entry.listeners.set(listener, undefined);
    this.schedule(0);
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size === 0) this.watched.delete(id);
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
      const rows = await this.repository.positions(entries.map(({ place }) => place));
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const entry of entries) tell(entry, byId.get(entry.place.id));
    } catch {
      // The database is away; the next look comes anyhow.
    }
    this.timer = undefined;
    if (this.watched.size > 0) this.schedule(Math.max(intervalMs, performance.now() - startedAt));
  }
}

function tell(entry: Watched, position: StreamPosition | undefined): void {
  const now = position === undefined ? 'gone' : `${position.state} ${position.lastNumber}`;
  for (const [listener, before] of [...entry.listeners]) {
    if (now === before || !entry.listeners.has(listener)) continue;
    entry.listeners.set(listener, now);
    listener(position);
  }
}
