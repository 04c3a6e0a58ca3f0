import { Injectable } from '@nestjs/common';
import { AppError } from '../../../kernel/app-error.js';
import { TenantDatabase, type Transaction } from '../../../platform/database/tenant-database.js';
import type { Recording } from '../../idempotency/recording.js';
import type { NewResponse, ResponseOwner } from '../response-record.js';
import { noResponse, ResponsesService } from '../responses.service.js';
import { BackgroundJobs } from './background-jobs.js';
import type { BackgroundState, QueuedCall, ResponsePlace, StoredEvent } from './background-record.js';
import { BackgroundRepository, type HeldResponse } from './background.repository.js';

/** So many of a key may wait. */
const mostQueued = 100;

/** How a response that is cancelled is shown, and the event that tells it. */
export type CancelledAs = (held: HeldResponse) => { readonly object: string; readonly event: StoredEvent };

/** Responses that workers make, as their key works with them. */
@Injectable()
export class BackgroundService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly responses: ResponsesService,
    private readonly rows: BackgroundRepository,
    private readonly jobs: BackgroundJobs,
  ) {}

  /**
   * Takes a response in; a worker makes it, whatever becomes of this process.
   * @param recording writes the answer down with it, for a call that may be repeated.
   * @returns its id: another one than that of `response` where an interrupted request has made it before.
   * @throws AppError rate_limit_exceeded when too many of the key wait.
   */
  async add(owner: ResponseOwner, response: NewResponse, call: QueuedCall, recording: Recording | undefined): Promise<string> {
    const { tenantId } = owner;
    const place = { tenantId, id: response.id };
    const added = await this.database.run(tenantId, async (tx) => {
      const waiting = await this.rows.queuedOf(tx, owner);
      const before = call.repeatKey === undefined ? undefined : await this.rows.repeated(tx, owner, call.repeatKey);
      if (before !== undefined) return { id: before, open: undefined };
      if (waiting >= mostQueued) throw tooMany();
      await this.responses.keepIn(tx, owner, response);
      await this.rows.insert(tx, place, call);
      const open = await this.rows.openOf(tx, tenantId);
      await recording?.(tx);
      return { id: response.id, open };
    });
    // What cannot be queued now is queued by the sweep.
    if (added.open !== undefined) void this.jobs.enqueue({ ...place, attempts: 0 }, added.open).catch(() => undefined);
    return added.id;
  }

  /** The state of a key's response. @throws AppError not_found; invalid_value for one that was not made in the background. */
  async state(owner: ResponseOwner, id: string, param: string): Promise<BackgroundState> {
    return this.database.run(owner.tenantId, async (tx) => this.stateIn(tx, owner, id, param));
  }

  /**
   * Ends a response as cancelled; its run hears of it within a second. One that has ended stays as it is.
   * @returns the object as JSON text.
   * @throws AppError not_found; invalid_value for one that was not made in the background.
   */
  async cancel(
    owner: ResponseOwner,
    id: string,
    shown: CancelledAs,
    recordingOf: (object: string) => Recording,
  ): Promise<string> {
    return this.database.run(owner.tenantId, async (tx) => {
      await this.stateIn(tx, owner, id, 'response_id');
      const place = { tenantId: owner.tenantId, id };
      const held = await this.rows.hold(tx, place);
      if (held === undefined) throw noResponse(id);
      const object = await this.cancelIn(tx, place, held, shown);
      await recordingOf(object)(tx);
      return object;
    });
  }

  /**
   * The next events behind a number, about a mebibyte of them.
   * @param hold is told how many bytes they have before they are read; what it throws is thrown.
   */
  async events(place: ResponsePlace, after: number, hold: (bytes: number) => void): Promise<StoredEvent[]> {
    return this.database.run(place.tenantId, async (tx) => {
      const page = await this.rows.page(tx, place, after);
      if (page === undefined) return [];
      hold(page.bytes);
      return this.rows.events(tx, place, page);
    });
  }

  private async cancelIn(tx: Transaction, place: ResponsePlace, held: HeldResponse, shown: CancelledAs): Promise<string> {
    if (held.state !== 'queued' && held.state !== 'running') return held.object;
    const { object, event } = shown(held);
    await this.rows.show(tx, place, 'cancelled', object);
    await this.rows.end(tx, place, 'cancelled', [event]);
    return object;
  }

  private async stateIn(tx: Transaction, owner: ResponseOwner, id: string, param: string): Promise<BackgroundState> {
    await this.responses.objectIn(tx, owner, id);
    const state = await this.rows.state(tx, owner, id);
    if (state !== undefined) return state;
    throw new AppError('invalid_value', { param, message: 'This response was not made in the background.' });
  }
}

function tooMany(): AppError {
  return new AppError('rate_limit_exceeded', {
    message: `Rate limit reached: at most ${mostQueued} responses of one key wait in the background.`,
    headers: { 'retry-after': '5', 'retry-after-ms': '5000' },
  });
}
