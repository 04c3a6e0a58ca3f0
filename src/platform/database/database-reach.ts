import pg from 'pg';
import { DatabaseAwayError } from './database-away.js';

/** Work that has taken so long looks whether the database can be reached at all; a look takes so long at most. */
const lookAfterMs = 1_500;
const lookMs = 2_000;
/** A timer that comes so much later tells of a process that had no time. */
const tardyMs = 500;
/** How soon a database that was away is looked for again. */
const againMs = 500;

/** Says whether the work's result is still wanted. Work that goes on after it was given up must change nothing. */
export interface Wanted {
  readonly isGivenUp: boolean;
}

/**
 * Tells a statement that takes long from a database that cannot be reached. When packets are dropped on the way no error
 * comes, and a statement alone cannot know whether it waits for a lock or for ever. So work that takes longer than usual
 * has a fresh connection ask `select 1`: while that is answered the work may take its time, and when it is not, all work
 * ends as `overloaded`, 3.5 seconds after its beginning at most. Until the database is back, new work is refused at once.
 */
export class DatabaseReach {
  private readonly givingUp = new Set<() => void>();
  private looking: Promise<boolean> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isAway = false;
  private isClosed = false;

  /**
   * @param onAway breaks the connections on which work still waits.
   * @param tell hears a sentence when the database is given up, and one when it is back.
   */
  constructor(
    private readonly url: string,
    private readonly onAway: () => void,
    private readonly tell: (sentence: string) => void,
  ) {}

  /** Runs the work for as long as the database can be reached. @throws DatabaseAwayError. */
  within<T>(work: (wanted: Wanted) => Promise<T>): Promise<T> {
    if (this.isAway) return Promise.reject(new DatabaseAwayError(unreachable()));
    return new Promise<T>((resolve, reject) => {
      const wanted = { isGivenUp: false };
      const giveUp = (): void => {
        wanted.isGivenUp = true;
        reject(new DatabaseAwayError(unreachable()));
      };
      const look = (): void => void this.look();
      const timer = setInterval(look, lookAfterMs);
      this.givingUp.add(giveUp);
      work(wanted)
        .then(resolve, reject)
        .finally(() => {
          clearInterval(timer);
          this.givingUp.delete(giveUp);
        });
    });
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  /** Looks once for all who wait. */
  private async look(): Promise<void> {
    this.looking ??= answers(this.url).finally(() => {
      this.looking = undefined;
    });
    const isAway = !(await this.looking) && !this.isClosed;
    // Of several who waited for the same look, the first one acts on it.
    const isNews = isAway !== this.isAway;
    this.isAway = isAway;
    if (isNews) this.tell(isAway ? `${unreachable().message} Work that needs it is refused.` : 'The database is back.');
    if (!isAway) return;
    if (isNews) {
      for (const giveUp of this.givingUp) giveUp();
      this.onAway();
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), againMs).unref();
  }
}

/** Any answer of the server counts, a refusal too. */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'gt-reach',
    connectionTimeoutMillis: lookMs,
  });
  client.on('error', () => undefined);
  const from = performance.now();
  const late = setTimeout(() => client.connection.stream.destroy(), lookMs);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    // A process that had no time itself has learned nothing of the database.
    if (performance.now() - from > lookMs + tardyMs) return true;
    return /^(53|28|3D|42)/.test(String((error as { readonly code?: unknown }).code));
  } finally {
    clearTimeout(late);
    void client.end().catch(() => undefined);
  }
}

/** For the beginning of a transaction and before its commit. @throws Error when its result is not wanted any more. */
export function refuseGivenUp({ isGivenUp }: Wanted): void {
  if (isGivenUp) throw unreachable();
}

function unreachable(): Error {
  return new Error(`The database could not be reached for ${lookMs} ms.`);
}
