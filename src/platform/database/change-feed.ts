import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import type { Change } from './change.js';
import { FeedConnection } from './feed-connection.js';

export interface ChangeListener {
  /** Called with changes, in their order, as soon as they are committed and seen here. */
  onChanges(changes: readonly Change[]): void;
  /** Called when changes may have been missed: everything kept in memory must be read again. */
  onGap(): void;
}

const heartbeatMs = 250;
const silenceMs = 750;
const reconnectMs = 200;
/** The sweep keeps the feed's rows for an hour; a reader that was away for longer starts over. */
const forgetAfterMs = 30 * 60_000;
/** Of ten thousand changes of one transaction, this many are read at once, and this many are delivered in one turn of the event loop. */
const readRows = 2_000;
const toldAtOnce = 250;

const newer = `
  select seq, tenant_id as "tenantId", kind, ref from change_feed where seq > $1 order by seq limit ${readRows}`;

/**
 * Follows the numbered change feed on a connection of its own. A notification wakes it at once; every 250 ms it asks
 * for rows above the last number anyhow, so a lost notification (or a pooler that has none) costs a quarter of a second.
 * After 750 ms without an answer `isLive()` is false, and whoever uses what is kept in memory reads it again first.
 */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly listeners: ChangeListener[] = [];
  private connection: FeedConnection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastSeq: bigint | undefined;
  private lastAnswerAt = 0;
  private polling: Promise<void> | undefined;
  private again = false;
  private closed = false;

  constructor(private readonly config: Config) {}

  /** True while the feed has answered within the last 750 ms: what is kept in memory is then current. */
  isLive(): boolean {
    return performance.now() - this.lastAnswerAt < silenceMs;
  }

  /** Time since the last answer, in milliseconds; how stale what is kept in memory may be. */
  silentForMs(): number {
    return performance.now() - this.lastAnswerAt;
  }

  /** Asks for what is new now, without waiting for the next quarter of a second. Never fails: `isLive` tells how it went. */
  ask(): Promise<void> {
    return this.poll();
  }

  subscribe(listener: ChangeListener): void {
    this.listeners.push(listener);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.poll();
    this.timer = setInterval(() => void this.poll(), heartbeatMs);
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    // A connection that is being made would outlive the process's other ones.
    await this.polling;
    await this.connection?.end();
  }

  /** Reads what is new. Calls that come while one is under way share one more read after it. */
  private poll(): Promise<void> {
    if (this.closed) return Promise.resolve();
    if (this.polling !== undefined) {
      this.again = true;
      return this.polling;
    }
    this.polling = this.readUntilCurrent().finally(() => {
      this.polling = undefined;
    });
    return this.polling;
  }

  private async readUntilCurrent(): Promise<void> {
    do {
      this.again = false;
      try {
        await this.readOnce(this.connection ?? (await this.connect()));
      } catch {
        this.disconnect();
        return;
      }
    } while (this.again && !this.closed);
  }

  private async readOnce(connection: FeedConnection): Promise<void> {
    // What is committed while the answer is on its way is not in it: the answer vouches for the moment of the question.
    const askedAt = performance.now();
    if (this.silentForMs() > forgetAfterMs) this.lastSeq = undefined;
    if (this.lastSeq === undefined) {
      const [row] = await connection.rows<{ seq: string }>('select coalesce(max(seq), 0) as seq from change_feed');
      this.lastSeq = BigInt(row?.seq ?? 0);
      for (const listener of this.listeners) listener.onGap();
    } else {
      const rows = await connection.rows<Change & { readonly seq: string }>(newer, [this.lastSeq.toString()]);
      await this.tell(rows);
      if (rows.length === readRows) {
        // There may be more, and only the last answer vouches for all of them.
        this.again = true;
        return;
      }
    }
    this.lastAnswerAt = askedAt;
  }

  /** Tells the listeners in portions, so that the changes of a large transaction hold up no call. */
  private async tell(rows: readonly (Change & { readonly seq: string })[]): Promise<void> {
    for (let from = 0; from < rows.length; from += toldAtOnce) {
      if (from > 0) await nextTurn();
      const portion = rows.slice(from, from + toldAtOnce);
      for (const listener of this.listeners) listener.onChanges(portion);
      this.lastSeq = BigInt(portion.at(-1)?.seq ?? 0);
    }
  }

  private async connect(): Promise<FeedConnection> {
    this.connection = await FeedConnection.open({
      databaseUrl: this.config.DATABASE_URL,
      limitMs: silenceMs,
      onNotification: () => void this.poll(),
      onBroken: () => this.disconnect(),
    });
    return this.connection;
  }

  private disconnect(): void {
    this.connection?.destroy();
    this.connection = undefined;
    if (!this.closed) setTimeout(() => void this.poll(), reconnectMs).unref();
  }
}
