import type { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import { faultPoint } from '../../platform/fault-point.js';
import { DatabaseAwayError } from '../../platform/database/database-away.js';
import type { TenantDatabase, Transaction } from '../../platform/database/tenant-database.js';
import type { Recording } from '../idempotency/recording.js';
import type { BackgroundRun } from '../inference/call/background-call.js';
import {
  LostClaimError,
  type BackgroundEnd,
  type ClaimedCall,
  type StoredEvent,
} from '../responses/background/background-record.js';
import type { BackgroundRepository } from '../responses/background/background.repository.js';
import { EventLog } from './event-log.js';
import { withPatience } from '../../platform/database/with-patience.js';
import { StoredReply, type EventStore } from './stored-reply.js';

/** So many bytes of events has a response. */
const mostEventBytes = 16 * 1024 * 1024;

/** What every run needs of its surroundings. */
export interface RunTools {
  readonly database: TenantDatabase;
  readonly rows: BackgroundRepository;
  readonly config: Config;
}

/** One run of a response that it has taken, from the taking to the end. */
export class CallRun implements BackgroundRun, EventStore {
  readonly reply: StoredReply;
  /** The call may have gone out. */
  isSent = false;
  /** The response is another's by now, or nobody's. */
  hasLost = false;
  private bytes: number;

  constructor(
    private readonly tools: RunTools,
    readonly call: ClaimedCall,
  ) {
    this.bytes = call.eventBytes;
    this.reply = new StoredReply(new EventLog(call.lastNumber), this);
  }

  get id(): string {
    return this.call.id;
  }

  get createdAt(): number {
    // As it was told first: the row may have been written a second later.
    const { created_at: told } = JSON.parse(this.call.object) as { readonly created_at: number };
    return told;
  }

  async sending(): Promise<void> {
    if (this.reply.gone) throw new LostClaimError();
    await this.run((tx) => this.tools.rows.markSent(tx, this.call));
    if (this.reply.gone) throw new LostClaimError();
    this.isSent = true;
    this.reach('background.after-mark');
  }

  /** As long as the run has its response and is not to stop. Who has written without hearing of it finds the claim lost. */
  async keeping<T>(work: () => Promise<T>): Promise<T> {
    const alone = async (): Promise<T> => {
      // The work holds a connection: events that are being stored could wait for it while it waits for them.
      await this.reply.settled();
      return work();
    };
    return withPatience(alone, (error) => error instanceof DatabaseAwayError && !this.reply.gone);
  }

  async append(events: readonly StoredEvent[]): Promise<void> {
    const bytes = this.bytesWith(events);
    await this.run((tx) => this.tools.rows.append(tx, this.call, events));
    this.bytes = bytes;
    this.reach('background.after-events');
  }

  end(events: readonly StoredEvent[]): Recording {
    return async (tx) => {
      this.bytesWith(events);
      const end: BackgroundEnd = events.at(-1)?.type === 'response.incomplete' ? 'incomplete' : 'completed';
      await this.tools.rows.end(tx, this.call, end, events, this.call.owner);
      this.reach('background.before-commit');
    };
  }

  lost(): void {
    this.hasLost = true;
    this.reply.leave();
  }

  isLost(error: unknown): boolean {
    if (error instanceof TooManyEventsError) this.reply.leave(tooLong());
    return error instanceof LostClaimError;
  }

  /** Ends the response without an answer. @throws LostClaimError. */
  async close(end: BackgroundEnd, object: string, event: (number: number) => StoredEvent): Promise<void> {
    const { log } = this.reply;
    log.append(event);
    const events = log.taken();
    const [last] = events.slice(-1);
    const stored = this.bytes + sizeOf(events) > mostEventBytes && last !== undefined ? [last] : events;
    try {
      await this.run(async (tx) => {
        if ((await this.tools.rows.hold(tx, this.call)) === undefined) throw new LostClaimError();
        await this.tools.rows.end(tx, this.call, end, stored, this.call.owner);
        await this.tools.rows.show(tx, this.call, end, object);
      });
    } catch (error) {
      log.putBack(events.slice(0, -1));
      throw error;
    }
  }

  /** Lets go of a response whose call has not gone out. @param isAttempt something went wrong that may pass. */
  async giveBack(isAttempt: boolean): Promise<void> {
    await this.run((tx) => this.tools.rows.giveBack(tx, this.call, this.call.owner, isAttempt));
  }

  /** @throws TooManyEventsError when the response would have more than it may. */
  private bytesWith(events: readonly StoredEvent[]): number {
    const bytes = this.bytes + sizeOf(events);
    if (bytes > mostEventBytes) throw new TooManyEventsError();
    return bytes;
  }

  private run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.tools.database.run(this.call.tenantId, work);
  }

  private reach(step: string): void {
    faultPoint(this.tools.config.GT_FAULT_POINT, step);
  }
}

class TooManyEventsError extends Error {
  override readonly name = 'TooManyEventsError';
}

function tooLong(): AppError {
  return new AppError('internal_error', { message: 'The response has more events than can be kept.' });
}

function sizeOf(events: readonly StoredEvent[]): number {
  return events.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0);
}
