import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { AppError, asAppError } from '../../kernel/app-error.js';
import { randomBase62 } from '../../kernel/ids.js';
import { Log } from '../../observability/log.js';
import { currentTrace } from '../../observability/tracing/current-trace.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { faultPoint } from '../../platform/fault-point.js';
import { changedObject } from '../inference/background/shown-response.js';
import { InferenceService } from '../inference/inference.service.js';
import { inferenceKinds } from '../inference/kinds/kinds.js';
import { KeyDirectory } from '../keys/key-directory.js';
import { KeyRights } from '../keys/key-rights.js';
import { isTooLarge } from '../limits/limit-error.js';
import { LostClaimError, type BackgroundEnd, type ClaimedCall } from '../responses/background/background-record.js';
import { BackgroundRepository } from '../responses/background/background.repository.js';
import type { Entry } from '../usage/gates/entry.js';
import { Gates } from '../usage/gates/gates.js';
import { BackgroundPlaces } from './background-places.js';
import { CallRun, type RunTools } from './background-run.js';
import { cancelledEnd, failedEnd, type ShownEnd } from './failed-end.js';
import { OpenRuns } from './open-runs.js';
import { withPatience } from '../../platform/database/with-patience.js';
import type { RunOutcome } from './stored-reply.js';

/** What may pass before a call has gone out is tried again so often. */
const mostAttempts = 6;
/** What a limit of the platform's says: it passes. */
const limited: ReadonlySet<string> = new Set(['rate_limit_exceeded', 'token_limit_exceeded']);
/** For so long a response waits for the turn before it in its conversation. */
const conversationWaitMs = 3_600_000;

/** Makes responses that nobody waits for, through the same service as every other call. */
@Injectable()
export class BackgroundRunner {
  private readonly tools: RunTools;

  constructor(
    private readonly database: TenantDatabase,
    private readonly rows: BackgroundRepository,
    private readonly inference: InferenceService,
    private readonly keys: KeyDirectory,
    private readonly rights: KeyRights,
    private readonly gates: Gates,
    private readonly places: BackgroundPlaces,
    private readonly open: OpenRuns,
    private readonly log: Log,
    private readonly config: Config,
  ) {
    this.tools = { database, rows, config };
  }

  /**
   * Makes a response that waits. One that a run has, living or dead, has ended or is gone, is left alone: nothing is ever
   * sent twice.
   * @throws JobLaterError while the tenant has all places that one may have; the signal's reason.
   */
  async run(tenantId: string, id: string, signal: AbortSignal): Promise<void> {
    const leave = await this.places.take(tenantId);
    try {
      const call = await this.take(tenantId, id);
      if (call !== undefined) await this.make(new CallRun(this.tools, call), signal);
    } finally {
      leave();
    }
  }

  private async take(tenantId: string, id: string): Promise<ClaimedCall | undefined> {
    const place = { tenantId, id };
    const call = await this.database.run(tenantId, async (tx) => {
      const held = await this.rows.hold(tx, place);
      // What runs is its run's; one that died is found by the sweep.
      if (held?.state !== 'queued') return undefined;
      const object = changedObject(held.object, { status: 'in_progress' });
      return this.rows.take(tx, { ...place, owner: randomBase62(24) }, held.keyId, object);
    });
    if (call !== undefined) faultPoint(this.config.GT_FAULT_POINT, 'background.after-claim');
    return call;
  }

  private async make(run: CallRun, signal: AbortSignal): Promise<void> {
    const unwatch = this.open.add(run.call, () => run.lost());
    const stop = (): void => run.reply.leave();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const outcome = await this.outcomeOf(run, signal);
      await run.reply.settled();
      await this.conclude(run, outcome);
    } catch (error) {
      if (!(error instanceof LostClaimError)) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      unwatch();
    }
    if (signal.aborted) throw signal.reason;
  }

  /** Judges the key as it is now, and makes the call. */
  private async outcomeOf(run: CallRun, signal: AbortSignal): Promise<RunOutcome> {
    const { call, reply } = run;
    const kind = inferenceKinds.find(({ routeId }) => routeId === call.route);
    let entry: Entry | undefined;
    try {
      if (kind === undefined) throw new AppError('internal_error', { cause: `no kind of inference serves ${call.route}` });
      const identity = await this.rights.read(call, kind.routeId);
      entry = await this.gates.enterPaid(identity.callLimits);
      if (signal.aborted) reply.leave();
      const { requestId, ip, headers, body } = call;
      const startedAt = performance.now();
      const request = { identity, requestId, ip, headers, body, startedAt, entry, trace: currentTrace(), background: run };
      if (!reply.gone) this.inference.run(kind, request, reply, () => undefined);
      return await reply.outcome;
    } catch (error) {
      return { kind: 'failed', error: asAppError(error), last: undefined };
    } finally {
      entry?.leave();
    }
  }

  private async conclude(run: CallRun, outcome: RunOutcome): Promise<void> {
    if (outcome.kind === 'kept' || run.hasLost) return;
    if (outcome.kind === 'left') {
      // The process stops. What has gone out cannot go out again.
      if (!run.isSent) await run.giveBack(false);
      else await this.end(run, 'failed', failedEnd(run.call.object, interrupted()));
      return;
    }
    const { error, last } = outcome;
    if (!run.isSent && (await this.isLater(run, error))) return;
    const isRevoked = error.code === 'invalid_api_key' && (await this.isRevoked(run.call));
    if (isRevoked) await this.end(run, 'cancelled', cancelledEnd(run.call.object));
    else await this.end(run, 'failed', failedEnd(run.call.object, error, last));
  }

  /** Gives back what may pass: the sweep queues it again. Who only waits for its conversation has made no attempt. */
  private async isLater(run: CallRun, error: AppError): Promise<boolean> {
    const { call } = run;
    const waits = error.code === 'conflict' && Date.now() - call.createdAt.getTime() < conversationWaitMs;
    const isLimited = limited.has(error.code) && !error.isProviders && !isTooLarge(error);
    const passes = error.status >= 500 && call.attempts < mostAttempts;
    if (!waits && !passes && !isLimited) return false;
    if (passes) {
      this.log.warn('a response in the background broke off', {
        tenant_id: call.tenantId,
        response_id: call.id,
        attempt: call.attempts,
        error: String(error.cause ?? error),
      });
    }
    await run.giveBack(passes);
    return true;
  }

  /** Whether the key is revoked or gone, and not merely narrowed or expired. */
  private async isRevoked({ tenantId, keyId }: ClaimedCall): Promise<boolean> {
    const identity = await this.keys.findKey(tenantId, keyId).catch(() => null);
    return identity === undefined || identity?.key.state === 'revoked';
  }

  /** Writes the end, with patience while the database is away; what cannot be written is ended by the sweep. */
  private async end(run: CallRun, end: BackgroundEnd, shown: ShownEnd): Promise<void> {
    await withPatience(
      () => run.close(end, shown.object, shown.event),
      (error) => !(error instanceof LostClaimError),
    );
  }
}

/** The end of a response whose worker died or stopped behind its call. */
export function interrupted(): AppError {
  return new AppError('internal_error', { message: 'The server was interrupted while it made this response.' });
}
