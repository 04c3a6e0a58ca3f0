import type { Pool } from 'undici';
import type { OutboundWay } from './way/outbound-way.js';

export interface OriginPoolsOptions {
  /** Pools kept at once; the least recently used one gives way. */
  readonly maxPools: number;
  /** How long a pool without a new call is kept, in milliseconds. */
  readonly idleMs: number;
}

interface Entry {
  readonly pool: Pool;
  lastUsedAt: number;
}

/** One pool of connections per origin and way out. A pool that is dropped takes no new calls and lets its running ones finish. */
export class OriginPools {
  private readonly entries = new Map<string, Entry>();
  /** Dropped, with calls still running: only the end of the process cuts them. */
  private readonly closing = new Set<Pool>();
  private readonly sweeper: NodeJS.Timeout;
  private closed = false;

  constructor(
    private readonly open: (origin: string, way: OutboundWay | undefined) => Pool,
    private readonly options: OriginPoolsOptions,
  ) {
    this.sweeper = setInterval(() => this.sweep(), Math.min(options.idleMs, 60_000)).unref();
  }

  /** Number of pools that take calls. */
  get size(): number {
    return this.entries.size;
  }

  /** The pool of an origin on a way, opened when there is none. @throws Error for a malformed origin, and once closed. */
  get(origin: string, way?: OutboundWay): Pool {
    const key = way === undefined ? origin : `${origin} ${way.key}`;
    const known = this.entries.get(key);
    if (known !== undefined) {
      known.lastUsedAt = performance.now();
      return known.pool;
    }
    if (this.closed) throw new Error('The process is stopping: no new calls.');
    const pool = this.open(origin, way);
    if (this.entries.size >= this.options.maxPools) this.dropOldest();
    this.entries.set(key, { pool, lastUsedAt: performance.now() });
    return pool;
  }

  /** Takes no more calls, waits for the running ones up to `graceMs`, then cuts them. */
  async close(graceMs: number): Promise<void> {
    this.closed = true;
    clearInterval(this.sweeper);
    for (const key of [...this.entries.keys()]) this.drop(key);
    const deadline = setTimeout(() => this.cut(), graceMs);
    await Promise.all([...this.closing].map((pool) => this.closeOf(pool)));
    clearTimeout(deadline);
  }

  private sweep(): void {
    const oldest = performance.now() - this.options.idleMs;
    for (const [key, entry] of this.entries) if (entry.lastUsedAt < oldest) this.drop(key);
  }

  private dropOldest(): void {
    let oldest: [string, Entry] | undefined;
    for (const candidate of this.entries) {
      if (oldest === undefined || candidate[1].lastUsedAt < oldest[1].lastUsedAt) oldest = candidate;
    }
    if (oldest !== undefined) this.drop(oldest[0]);
  }

  private drop(key: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    this.entries.delete(key);
    this.closing.add(entry.pool);
    void this.closeOf(entry.pool).finally(() => this.closing.delete(entry.pool));
  }

  private closeOf(pool: Pool): Promise<void> {
    return pool.close().catch(() => undefined);
  }

  private cut(): void {
    for (const pool of this.closing) void pool.destroy().catch(() => undefined);
  }
}
