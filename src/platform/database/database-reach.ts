import { Socket } from 'node:net';
import pg from 'pg';
import { DatabaseAwayError } from './database-away.js';

/** Work that has taken so long looks whether the database can be reached at all; a look takes so long at most. */
const lookAfterMs = 1_500;
const lookMs = 2_000;
/** A look's time is counted in steps: one in which the process had no time counts no more than another. */
const stepMs = 100;
/** How soon a database that was away is looked for again. */
const againMs = 500;

/** Says whether the work's result is still wanted. Work that continues after it was given up must not change anything. */
export interface Wanted {
  readonly isGivenUp: boolean;
}

/**
 * Tells a statement that takes long from a database that cannot be reached. When packets are dropped on the way no error
 * comes, and a statement alone cannot know whether it waits for a lock or for ever. So work that takes longer than usual
 * looks for any sign of the server: on a connection that asks often anyhow, else on a fresh one. While there is one the
 * work may take its time, and when there is none, all work ends as `overloaded`, 3.5 seconds after its beginning, later only
 * on a machine that has no time. Until the database is back, new work is refused at once.
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
   * @param isHeard true while another connection has had an answer within the last second: then nothing is looked for.
   */
  constructor(
    private readonly url: string,
    private readonly onAway: () => void,
    private readonly tell: (sentence: string) => void,
    private readonly isHeard: () => boolean,
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

  private isReached(): Promise<boolean> {
    return this.isHeard() ? Promise.resolve(true) : answers(this.url);
  }

  /** Looks once for all who wait. */
  private async look(): Promise<void> {
    this.looking ??= this.isReached().finally(() => {
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

/** The server's first byte counts, even if it refuses: how busy it is beyond that says nothing of the way to it. */
function answers(url: string): Promise<boolean> {
  const socket = new Socket();
  const client = new pg.Client({ connectionString: url, application_name: 'gt-reach', stream: () => socket });
  client.on('error', () => undefined);
  return new Promise((resolve) => {
    let steps = 0;
    const timer = setInterval(() => {
      steps += 1;
      if (steps * stepMs < lookMs) return;
      resolve(false);
      end();
    }, stepMs);
    const end = (): void => {
      clearInterval(timer);
      socket.destroy();
    };
    socket.once('data', () => resolve(true));
    socket.once('error', () => resolve(false));
    // What was begun is ended in good order where that is possible, so that the server has nothing to complain of.
    client.connect().then(
      () =>
        void client
          .end()
          .catch(() => undefined)
          .finally(end),
      () => {
        resolve(false);
        end();
      },
    );
  });
}

/** For the beginning of a transaction and before its commit. @throws Error when its result is not wanted any more. */
export function refuseGivenUp({ isGivenUp }: Wanted): void {
  if (isGivenUp) throw unreachable();
}

function unreachable(): Error {
  return new Error(`The database could not be reached for ${lookMs} ms.`);
}
