import { AppError } from '../../kernel/app-error.js';
import { byTenant, type Change } from './change.js';
import type { ChangeFeed, ChangeListener } from './change-feed.js';
import { DatabaseAwayError } from './database-away.js';
import { databaseInTime, patienceMs } from './patience.js';

export interface LiveCacheOptions<V> {
  /** Reads one value; undefined when there is none. */
  readonly load: (key: string) => Promise<V | undefined>;
  /** Whose value it is: changes of other tenants are not held against it. Null for what belongs to no tenant. */
  readonly tenantOf: (key: string, value: V) => string | null;
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
  /**
   * `changed`: the feed reported a change; `doubtful`: changes may have been missed. Either way it must be read again
   * before its next use; only what is doubtful may live on when that is not possible.
   */
  state: 'current' | 'doubtful' | 'changed';
  /** When the value was last known to be current. */
  verifiedAt: number;
}

/** What came while a value was being read, which may have seen the rows from before it. */
interface Meanwhile {
  readonly changes: Change[];
  gap: boolean;
}

const maxAbsent = 10_000;
const absentMs = 60_000;
/** While reads fail, one is tried again this often; what is known lives on meanwhile without waiting for it. */
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
  private readonly reading = new Set<Meanwhile>();
  /** The last read failed, and the next try is not due or not over. */
  private retryAt = -Infinity;

  constructor(
    private readonly feed: ChangeFeed,
    private readonly options: LiveCacheOptions<V>,
  ) {
    feed.subscribe(this);
  }

  /** The value, when it is known and current; undefined otherwise. Never waits. */
  peek(key: string): V | undefined {
    const entry = this.entries.get(key);
    return entry?.state === 'current' && this.feed.isLive() ? entry.value : undefined;
  }

  /** True when the value was looked for a moment ago and there is none. Never waits. */
  knowsAbsent(key: string): boolean {
    const until = this.absent.get(key);
    return until !== undefined && until > performance.now() && this.feed.isLive();
  }

  /**
   * The value, read from the database where needed; undefined when there is none. Equal calls share one read.
   * @throws AppError overloaded when it can neither be read nor live on.
   */
  async get(key: string): Promise<V | undefined> {
    const known = this.peek(key);
    if (known !== undefined) return known;
    if (this.knowsAbsent(key)) return undefined;
    const entry = this.entries.get(key);
    const vouched = entry !== undefined && this.isAway() ? this.livingOn(entry) : undefined;
    if (vouched !== undefined) return vouched;
    return this.readOrLiveOn(key, entry);
  }

  onChanges(changes: readonly Change[]): void {
    for (const meanwhile of this.reading) meanwhile.changes.push(...changes);
    if (changes.some((change) => this.options.creates(change))) this.absent.clear();
    const groups = byTenant(changes);
    for (const [key, entry] of this.entries)
      if (entry.state !== 'changed' && this.isTouched(groups, key, entry.value)) this.soil(entry, 'changed');
  }

  onGap(): void {
    for (const meanwhile of this.reading) meanwhile.gap = true;
    this.absent.clear();
    for (const entry of this.entries.values()) if (entry.state === 'current') this.soil(entry, 'doubtful');
  }

  /** A change of what belongs to no tenant may touch any value. */
  private isTouched(groups: ReadonlyMap<string, readonly Change[]>, key: string, value: V): boolean {
    const touches = (change: Change): boolean => this.options.touches(change, key, value);
    const tenantId = this.options.tenantOf(key, value);
    return (tenantId !== null && groups.get(tenantId)?.some(touches) === true) || groups.get('')?.some(touches) === true;
  }

  private soil(entry: Entry<V>, state: 'doubtful' | 'changed'): void {
    // Until this moment the feed vouched for it.
    if (entry.state === 'current') entry.verifiedAt = Math.max(entry.verifiedAt, performance.now() - this.feed.silentForMs());
    entry.state = state;
  }

  /** True while the database is known to be away: the feed hears nothing and the last read failed a moment ago. */
  private isAway(): boolean {
    return !this.feed.isLive() && performance.now() < this.retryAt;
  }

  private async readOrLiveOn(key: string, entry: Entry<V> | undefined): Promise<V | undefined> {
    const mayLiveOn = entry !== undefined && this.livingOn(entry) !== undefined;
    const waitMs = mayLiveOn ? patienceMs.known : patienceMs.unknown;
    // Who comes while this try is under way need not wait for it as well.
    if (this.retryAt !== -Infinity) this.retryAt = performance.now() + waitMs + retryMs;
    try {
      const value = await databaseInTime(this.read(key), waitMs);
      this.retryAt = -Infinity;
      return value;
    } catch (cause) {
      if (cause instanceof AppError && !(cause instanceof DatabaseAwayError)) throw cause;
      this.retryAt = performance.now() + retryMs;
      const vouched = entry === undefined ? undefined : this.livingOn(entry);
      if (vouched !== undefined) return vouched;
      throw new AppError('overloaded', {
        message: 'The platform cannot check this request right now. Please try again.',
        headers: { 'retry-after': '1' },
        cause,
      });
    }
  }

  /** One read at a time for a key. It continues, and its result is cached, even when nobody waits for it any more. */
  private read(key: string): Promise<V | undefined> {
    const running = this.loading.get(key);
    if (running !== undefined) return running;
    const read = this.load(key);
    this.loading.set(key, read);
    const forget = (): void => {
      clearTimeout(timer);
      if (this.loading.get(key) === read) this.loading.delete(key);
    };
    // A read that hangs on a dead connection must not hold up those that come when the database is back.
    const timer = setTimeout(forget, patienceMs.unknown).unref();
    read.then(forget, forget);
    return read;
  }

  private async load(key: string): Promise<V | undefined> {
    const startedAt = performance.now();
    const meanwhile: Meanwhile = { changes: [], gap: false };
    this.reading.add(meanwhile);
    try {
      const value = await this.options.load(key);
      if (value === undefined) this.rememberAbsent(key, meanwhile);
      else this.remember(key, { value, state: this.stateAfter(meanwhile, key, value), verifiedAt: startedAt });
      return value;
    } finally {
      this.reading.delete(meanwhile);
    }
  }

  private stateAfter({ changes, gap }: Meanwhile, key: string, value: V): Entry<V>['state'] {
    if (changes.some((change) => this.options.touches(change, key, value))) return 'changed';
    return gap ? 'doubtful' : 'current';
  }

  private rememberAbsent(key: string, { changes, gap }: Meanwhile): void {
    this.entries.delete(key);
    if (gap || changes.some((change) => this.options.creates(change))) return;
    if (this.absent.size >= maxAbsent) this.absent.clear();
    this.absent.set(key, performance.now() + absentMs);
  }

  private remember(key: string, entry: Entry<V>): void {
    this.entries.delete(key);
    if (this.entries.size >= this.options.maxEntries) {
      const oldest = this.entries.keys().next().value;
      if (oldest !== undefined) this.entries.delete(oldest);
    }
    this.entries.set(key, entry);
  }

  /** The value, as long as it was current within `staleMs` and is not known to have changed since. */
  private livingOn(entry: Entry<V>): V | undefined {
    if (entry.state === 'changed') return undefined;
    const now = performance.now();
    const vouchedAt = entry.state === 'doubtful' ? entry.verifiedAt : Math.max(entry.verifiedAt, now - this.feed.silentForMs());
    return now - vouchedAt < this.options.staleMs ? entry.value : undefined;
  }
}
