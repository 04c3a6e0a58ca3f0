import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { Config } from '../../config/config.module.js';

/** One change of a row that processes keep in memory: which table, whose, which object. */
export interface Change {
  readonly tenantId: string;
  readonly kind: string;
  readonly ref: string;
}

export interface ChangeListener {
  /** Called for each change, in order, as soon as it is committed and seen here. */
  onChange(change: Change): void;
  /** Called when changes may have been missed: everything kept in memory must be read again. */
  onGap(): void;
}

const heartbeatMs = 250;
const silenceMs = 750;
const reconnectMs = 200;
/** The sweep keeps the feed's rows for an hour; who was away for longer starts anew. */
const forgetAfterMs = 30 * 60_000;

/**
 * Follows the numbered change feed on a connection of its own. A notification wakes it at once; every 250 ms it asks
 * for rows above the last number anyhow, so a lost notification (or a pooler that has none) costs a quarter of a second.
 * After 750 ms without an answer `isLive()` is false, and whoever uses what is kept in memory reads it again first.
 */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly listeners: ChangeListener[] = [];
  private client: pg.Client | undefined;
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
    await this.client?.end().catch(() => undefined);
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
        await this.readOnce(this.client ?? (await this.connect()));
      } catch {
        await this.disconnect();
        return;
      }
    } while (this.again && !this.closed);
  }

  private async readOnce(client: pg.Client): Promise<void> {
    // What is committed while the answer is on its way is not in it: the answer vouches for the moment of the question.
    const askedAt = performance.now();
    if (this.silentForMs() > forgetAfterMs) this.lastSeq = undefined;
    if (this.lastSeq === undefined) {
      const { rows } = await client.query<{ seq: string }>('select coalesce(max(seq), 0) as seq from change_feed');
      this.lastSeq = BigInt(rows[0]?.seq ?? 0);
      for (const listener of this.listeners) listener.onGap();
    } else {
      const { rows } = await client.query<{ seq: string; tenant_id: string; kind: string; ref: string }>(
        'select seq, tenant_id, kind, ref from change_feed where seq > $1 order by seq',
        [this.lastSeq.toString()],
      );
      for (const row of rows) {
        this.lastSeq = BigInt(row.seq);
        for (const listener of this.listeners) listener.onChange({ tenantId: row.tenant_id, kind: row.kind, ref: row.ref });
      }
    }
    this.lastAnswerAt = askedAt;
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.config.DATABASE_URL,
      application_name: 'gt-change-feed',
      connectionTimeoutMillis: silenceMs,
      query_timeout: silenceMs,
      keepAlive: true,
    });
    client.on('error', () => void this.disconnect());
    client.on('notification', () => void this.poll());
    await client.connect();
    await client.query(`set role gt_platform; listen gt_change`);
    this.client = client;
    return client;
  }

  private async disconnect(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
    if (!this.closed) setTimeout(() => void this.poll(), reconnectMs).unref();
  }
}
