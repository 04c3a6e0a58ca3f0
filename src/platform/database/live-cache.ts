import { AppError } from '../../kernel/app-error.js';
import type { Change, ChangeFeed, ChangeListener } from './change-feed.js';

export interface LiveCacheOptions<V> {
  /** Reads one value; undefined when there is none. */
  readonly load: (key: string) => Promise<V | undefined>;
  /** True when this change concerns a value that is kept. */
  readonly touches: (change: Change, key: string, value: V) => boolean;
  /** True when this change may have made a value that was looked for in vain. */
  readonly creates: (change: Change) => boolean;
  /** How long a value that cannot be read again lives on, counted from when it was last known to be current. */
  readonly staleMs: number;
  readonly maxEntries: number;
}

interface Entry<V> {
  readonly value: V;
  /** Set by a change or a gap: the value must be read again before its next use. */
  dirty: boolean;
  /** When the value was last known to be current. */
  verifiedAt: number;
}

const maxAbsent = 10_000;
const absentMs = 10_000;
const retryMs = 250;

/**
 * What a process remembers of the database, current to within the change feed's heartbeat. `peek` answers at once or
 * not at all; `get` reads what is missing, changed or doubtful. While the database cannot be reached, values that were
 * current within `staleMs` live on; after that `get` throws `overloaded` (503).
 */
export class LiveCache<V> implements ChangeListener {
  private readonly entries = new Map<string, Entry<V>>();
  private readonly absent = new Map<string, number>();
  private readonly loading = new Map<string, Promise<V | undefined>>();
  private changes = 0;
  private failedAt = -Infinity;

  constructor(
    private readonly feed: ChangeFeed,
    private readonly options: LiveCacheOptions<V>,
  ) {
    feed.subscribe(this);
  }

  /** The value, when it is known and current; undefined otherwise. Never waits. */
  peek(key: string): V | undefined {
    const entry = this.entries.get(key);
    return entry !== undefined && !entry.dirty && this.feed.isLive() ? entry.value : undefined;
  }

  /** The value, read from the database where needed; undefined when there is none. Equal calls share one read. */
  async get(key: string): Promise<V | undefined> {
    const known = this.peek(key);
    if (known !== undefined) return known;
    if (this.isAbsent(key)) return undefined;
    const running = this.loading.get(key);
    if (running !== undefined) return running;
    const load = this.loadOrLiveOn(key).finally(() => this.loading.delete(key));
    this.loading.set(key, load);
    return load;
  }

  onChange(change: Change): void {
    this.changes += 1;
    if (this.options.creates(change)) this.absent.clear();
    for (const [key, entry] of this.entries) if (!entry.dirty && this.options.touches(change, key, entry.value)) this.soil(entry);
  }

  onGap(): void {
    this.changes += 1;
    this.absent.clear();
    for (const entry of this.entries.values()) this.soil(entry);
  }

  private soil(entry: Entry<V>): void {
    entry.dirty = true;
    // Until this moment the feed vouched for it.
    entry.verifiedAt = performance.now();
  }

  private isAbsent(key: string): boolean {
    const until = this.absent.get(key);
    return until !== undefined && until > performance.now() && this.feed.isLive();
  }

  private async loadOrLiveOn(key: string): Promise<V | undefined> {
    const entry = this.entries.get(key);
    const now = performance.now();
    if (entry !== undefined && now - this.failedAt < retryMs) return this.liveOn(entry, undefined);
    const seenChanges = this.changes;
    try {
      const value = await this.options.load(key);
      this.remember(key, value, seenChanges !== this.changes);
      return value;
    } catch (error) {
      if (error instanceof AppError) throw error;
      this.failedAt = performance.now();
      return this.liveOn(this.entries.get(key), error);
    }
  }

  private remember(key: string, value: V | undefined, changedMeanwhile: boolean): void {
    this.entries.delete(key);
    if (value === undefined) {
      if (this.absent.size >= maxAbsent) this.absent.clear();
      if (!changedMeanwhile) this.absent.set(key, performance.now() + absentMs);
      return;
    }
    if (this.entries.size >= this.options.maxEntries) {
      const oldest = this.entries.keys().next().value;
      if (oldest !== undefined) this.entries.delete(oldest);
    }
    this.entries.set(key, { value, dirty: changedMeanwhile, verifiedAt: performance.now() });
  }

  private liveOn(entry: Entry<V> | undefined, cause: unknown): V {
    if (entry !== undefined) {
      const vouchedAt = entry.dirty ? entry.verifiedAt : Math.max(entry.verifiedAt, performance.now() - this.feed.silentForMs());
      if (performance.now() - vouchedAt < this.options.staleMs) return entry.value;
    }
    throw new AppError('overloaded', { message: 'The platform cannot check this request right now. Please try again.', cause });
  }
}
