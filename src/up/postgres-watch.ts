import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '../platform/embedded-postgres/embedded-postgres.js';
import { messageOf } from './message-of.js';

const checkMs = 1_000;

export interface PostgresEvents {
  /** Called when a new process of the server has taken over. */
  readonly onRestart: () => void;
  readonly onTrouble: (text: string) => void;
  /** The server came back at another address or not at all: nobody can go on. */
  readonly onLost: (reason: string) => void;
}

/** The embedded PostgreSQL for as long as the platform runs: started again on its port when it ends unasked. */
export class PostgresWatch {
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;
  private restarting: Promise<void> = Promise.resolve();

  private constructor(
    private server: EmbeddedPostgres,
    private readonly options: EmbeddedPostgresOptions,
    private readonly events: PostgresEvents,
  ) {}

  static async start(options: EmbeddedPostgresOptions, events: PostgresEvents): Promise<PostgresWatch> {
    const watch = new PostgresWatch(await startEmbeddedPostgres(options), options, events);
    watch.plan();
    return watch;
  }

  get url(): string {
    return this.server.url;
  }

  get pid(): number {
    return this.server.pid;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.restarting;
    await this.server.stop();
  }

  private plan(): void {
    this.timer = setTimeout(() => {
      this.restarting = this.check();
    }, checkMs);
  }

  private async check(): Promise<void> {
    if (!this.server.isRunning()) await this.restart();
    if (!this.stopping) this.plan();
  }

  private async restart(): Promise<void> {
    this.events.onTrouble('The embedded PostgreSQL ended; starting it again.');
    const { url } = this.server;
    try {
      this.server = await startEmbeddedPostgres(this.options);
      this.events.onRestart();
      if (this.server.url !== url) this.events.onLost('The embedded PostgreSQL came back on another port.');
    } catch (error) {
      this.events.onLost(messageOf(error));
    }
  }
}
