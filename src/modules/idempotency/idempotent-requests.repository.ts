import { Injectable } from '@nestjs/common';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { isLockTimeout } from '../../platform/database/prisma-errors.js';
import { keptMs, type OwnedRun, type RunScope } from './stored-answer.js';

/** A run of which nothing was heard for so long is dead: its key is free. */
const deadAfterSeconds = 30;

/** How long a claim waits for another transaction, in milliseconds: many times as long as one takes. */
const lockLimitMs = '500';

/** What stands under a key that could not be taken. */
export interface StandingRequest {
  readonly requestHash: string;
  readonly state: string;
  readonly status: number | null;
  readonly headers: unknown;
  /** Sealed; only read for the same request. */
  readonly body: Uint8Array | null;
}

export interface SealedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Rows of requests with an `Idempotency-Key`, of one tenant at a time. The database's clock says who is alive. */
@Injectable()
export class IdempotentRequestsRepository {
  constructor(private readonly database: TenantDatabase) {}

  /**
   * Takes the key for this run: a free one, an expired one, one whose run died. Of any number of callers one gets it.
   * While a transaction that has to do with the key hangs, it counts as running: nobody waits for it with a connection.
   * @returns what stands there when it is taken; undefined when the run has it now.
   */
  async claim(tenantId: string, run: OwnedRun, requestHash: string): Promise<StandingRequest | undefined> {
    const running: StandingRequest = { requestHash, state: 'running', status: null, headers: null, body: null };
    try {
      return await this.database.run(tenantId, async (tx) => {
        // A row can be freed between the attempt and the look at it; then the next attempt gets it.
        for (let attempt = 0; attempt < 3; attempt += 1) {
          if ((await take(tx, run, requestHash)) === 1) return undefined;
          const [standing] = await look(tx, run, requestHash);
          if (standing !== undefined) return standing;
        }
        return running;
      });
    } catch (error) {
      if (isLockTimeout(error)) return running;
      throw error;
    }
  }

  /** The answer that the run has kept; undefined when it has kept none. */
  async answerOf({ tenantId, keyId, id, owner }: OwnedRun): Promise<SealedAnswer | undefined> {
    const where = { tenantId, keyId, id, owner, state: 'done', expiresAt: { gt: new Date() } };
    const row = await this.database.run(tenantId, (tx) => tx.idempotentRequest.findFirst({ where }));
    if (row?.status == null || row.body === null) return undefined;
    return { status: row.status, headers: row.headers as Record<string, string>, body: row.body };
  }

  /** Keeps the run's answer. @returns false when the key is no longer this run's. */
  async finish(run: OwnedRun, answer: SealedAnswer): Promise<boolean> {
    return this.database.run(run.tenantId, (tx) => this.finishIn(tx, run, answer));
  }

  /** The same within the transaction that does the run's work. */
  async finishIn(tx: Transaction, { tenantId, keyId, id, owner }: OwnedRun, answer: SealedAnswer): Promise<boolean> {
    const data = { ...answer, state: 'done', expiresAt: new Date(Date.now() + keptMs) };
    const { count } = await tx.idempotentRequest.updateMany({ where: { tenantId, keyId, id, owner, state: 'running' }, data });
    return count === 1;
  }

  /** Frees the key, if it is still this run's. */
  async free(tenantId: string, { keyId, id, owner }: OwnedRun): Promise<void> {
    await this.database.run(tenantId, (tx) =>
      tx.idempotentRequest.deleteMany({ where: { tenantId, keyId, id, owner, state: 'running' } }),
    );
  }
}

function take(tx: Transaction, { tenantId, keyId, id, owner }: OwnedRun, requestHash: string): Promise<number> {
  const expiresAt = new Date(Date.now() + keptMs);
  return tx.$executeRaw`
    insert into idempotent_requests as r (tenant_id, key_id, id, request_hash, state, owner, alive_at, expires_at)
    select ${tenantId}, ${keyId}, ${id}, ${requestHash}, 'running', ${owner}, now(), ${expiresAt}
      from set_config('lock_timeout', ${lockLimitMs}, true) as limited where limited is not null
    on conflict (tenant_id, key_id, id) do update
      set request_hash = excluded.request_hash, state = 'running', owner = excluded.owner, alive_at = now(),
          status = null, headers = null, body = null, created_at = now(), expires_at = excluded.expires_at
      where (r.state = 'running' and r.alive_at < now() - make_interval(secs => ${deadAfterSeconds}))
         or (r.state = 'done' and r.expires_at <= now())`;
}

function look(tx: Transaction, { tenantId, keyId, id }: RunScope, requestHash: string): Promise<StandingRequest[]> {
  return tx.$queryRaw<StandingRequest[]>`
    select request_hash as "requestHash", state, status, headers, case when request_hash = ${requestHash} then body end as body
      from idempotent_requests where tenant_id = ${tenantId} and key_id = ${keyId} and id = ${id}`;
}
