import { Socket } from 'node:net';
import pg from 'pg';
import { databaseInTime } from './patience.js';

export interface FeedConnectionOptions {
  readonly databaseUrl: string;
  /** Limit of connecting and of each question, in milliseconds; a process that had no time waits longer. */
  readonly limitMs: number;
  /** Called for each notification that something changed. */
  readonly onNotification: () => void;
  /** Called when the connection breaks. */
  readonly onBroken: () => void;
}

/**
 * The change feed's own connection, in the role `gt_platform` and listening. Whatever fails while it is made or used, its
 * socket is closed: a connection that nobody uses any more would otherwise fill the server, one every attempt.
 */
export class FeedConnection {
  private constructor(
    private readonly client: pg.Client,
    private readonly socket: Socket,
    private readonly limitMs: number,
  ) {}

  /** Connects, takes the role and listens. @throws Error of the driver; nothing stays open then. */
  static async open({ databaseUrl, limitMs, onNotification, onBroken }: FeedConnectionOptions): Promise<FeedConnection> {
    const socket = new Socket();
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'gt-change-feed',
      keepAlive: true,
      stream: () => socket,
    });
    const connection = new FeedConnection(client, socket, limitMs);
    client.on('error', onBroken);
    client.on('notification', onNotification);
    try {
      await databaseInTime(client.connect(), limitMs);
      await databaseInTime(client.query(`set role gt_platform; listen gt_change`), limitMs);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  /** What the question gives. @throws Error of the driver, or when no answer comes in time. */
  async rows<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await databaseInTime(this.client.query<Row>(sql, [...values]), this.limitMs)).rows;
  }

  /** Breaks the connection off at once: the server may not answer any more. */
  destroy(): void {
    this.client.removeAllListeners('notification');
    this.socket.destroy();
  }

  /** Says goodbye to the server, for an orderly stop. */
  async end(): Promise<void> {
    await this.client.end().catch(() => undefined);
    this.socket.destroy();
  }
}
