import type { Redis } from 'ioredis';
import { once } from 'node:events';

/** So long it may take until a connection stands. */
export const connectMs = 1_000;

/** Tries again soon: nothing waits for anything else once Redis is back. */
export function retryStrategy(attempt: number): number {
  return Math.min(attempt * 100, 500);
}

/** A connection to Redis that is made when it is first needed. While Redis is away it refuses at once. */
export class RedisConnection {
  private client: Promise<Redis> | undefined;
  /** How often it was made. */
  made = 0;

  constructor(
    private readonly url: string,
    private readonly commandMs: number,
  ) {}

  /** @throws Error at once, or within a second while it is being made. */
  async ready(): Promise<Redis> {
    this.client ??= this.open();
    const client = await this.client;
    if (client.status === 'ready') return client;
    if (client.status === 'wait') await client.connect();
    else await once(client, 'ready', { signal: AbortSignal.timeout(connectMs) });
    return client;
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    (await client)?.disconnect();
  }

  private async open(): Promise<Redis> {
    const { Redis: Client } = await import('ioredis');
    const client = new Client(this.url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      connectTimeout: connectMs,
      commandTimeout: this.commandMs,
      retryStrategy,
    });
    // Whoever uses the connection gets the error; without a listener ioredis prints each attempt.
    client.on('error', () => undefined);
    client.on('ready', () => (this.made += 1));
    return client;
  }
}
