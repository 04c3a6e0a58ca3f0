import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Log, redact } from '../../observability/log.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { IdempotencyService } from '../idempotency/idempotency.service.js';
import { ApprovalParts } from './approval-parts.js';
import { deadSeconds, idempotencyIdOf, keptOf, LostApprovalError, type ApprovalPlace } from './approval-record.js';
import { endWith } from './approval-run.js';
import { ApprovalRunsRepository, type DeadRun } from './approval-runs.repository.js';
import { ApprovalWatchRepository } from './approval-watch.repository.js';
import { errorAnswer, interrupted } from './error-answer.js';

const batchSize = 100;
const expireMs = 60_000;
/** After an absence of the database all runs seem dead: so long they have to say that they live. */
const settleMs = 4_000;

/** Mends what crashes left of approved calls, and ends what nobody has decided in time. */
@Injectable()
export class ApprovalSweep {
  private expiredAt = -Infinity;
  private wasAway = false;

  constructor(
    private readonly database: TenantDatabase,
    private readonly watch: ApprovalWatchRepository,
    private readonly rows: ApprovalRunsRepository,
    private readonly parts: ApprovalParts,
    private readonly idempotency: IdempotencyService,
    private readonly log: Log,
  ) {}

  /** Gives back calls whose run died before they went out, and ends those behind. Never rejects. */
  async sweep(): Promise<void> {
    try {
      if (this.wasAway) await wait(settleMs);
      for (const place of await this.watch.lost(batchSize)) await this.mend(place);
      if (performance.now() - this.expiredAt >= expireMs) {
        this.expiredAt = performance.now();
        await this.watch.expire();
      }
      this.wasAway = false;
    } catch (error) {
      // Told once, until the database is back.
      if (!this.wasAway) this.log.warn('approved calls could not be looked after', { cause: redact(String(error)) });
      this.wasAway = true;
    }
  }

  /** The answer that the run has kept for repeats: then the call was over, and only its end was not written. */
  private async keptBy({ tenantId, id }: ApprovalPlace, { keyId, idempotencyId, requestId }: DeadRun) {
    if (requestId === null) return undefined;
    const run = { tenantId, keyId, id: idempotencyIdOf({ id, idempotencyId }), requestId };
    const kept = await this.idempotency.keptBy(run);
    return kept && { answer: { status: kept.status, headers: keptOf(kept.headers) }, body: kept.body };
  }

  private async mend(place: ApprovalPlace): Promise<void> {
    const holding = (tx: Transaction): Promise<DeadRun | undefined> => this.rows.holdDead(tx, place, deadSeconds);
    const seen = await this.database.run(place.tenantId, holding);
    if (seen === undefined) return;
    const kept = seen.isSent ? await this.keptBy(place, seen) : undefined;
    try {
      await this.database.run(place.tenantId, async (tx) => {
        const dead = await holding(tx);
        if (dead === undefined) return;
        const claim = { ...place, owner: dead.owner };
        if (!dead.isSent) return this.rows.giveBack(tx, claim, 0);
        const { answer, body } = kept ?? errorAnswer(interrupted());
        await endWith(tx, { rows: this.rows, parts: this.parts }, claim, answer, body);
      });
    } catch (error) {
      if (!(error instanceof LostApprovalError)) throw error;
    }
  }
}
