import { Injectable } from '@nestjs/common';
import type { StatementTransaction, Transaction } from '../../platform/database/tenant-database.js';
import { keptMs, LostApprovalError, type ApprovalClaim, type ApprovalPlace, type CallAnswer } from './approval-record.js';

/** A call that a run has taken. */
export interface TakenRow extends ApprovalClaim {
  readonly keyId: string;
  readonly route: string;
  readonly method: string;
  readonly requestHash: string;
  readonly bodySha256: string;
  readonly idempotencyId: string | null;
  readonly head: Uint8Array;
  readonly bodyParts: number;
  readonly attempts: number;
}

/** A call whose run seems dead, held until the transaction ends. */
export interface DeadRun {
  readonly owner: string;
  readonly isSent: boolean;
  readonly keyId: string;
  readonly idempotencyId: string | null;
  readonly requestId: string | null;
}

/** What runs write. Each write names its run: one that has lost its call gets LostApprovalError. */
@Injectable()
export class ApprovalRunsRepository {
  /** Takes an approved call whose turn it is; undefined when another has it, or its time is over. */
  async take(tx: Transaction, { tenantId, id, owner }: ApprovalClaim): Promise<TakenRow | undefined> {
    const [row] = await tx.$queryRaw<Omit<TakenRow, keyof ApprovalClaim>[]>`
      update approvals set state = 'running', owner = ${owner}, beat_at = now(), attempts = attempts + 1, updated_at = now()
       where tenant_id = ${tenantId} and id = ${id} and state = 'approved' and sent_at is null and due_at <= now() and expires_at > now()
      returning key_id as "keyId", route, method, request_hash as "requestHash", body_sha256 as "bodySha256",
                idempotency_id as "idempotencyId", head, body_parts as "bodyParts", attempts`;
    return row === undefined ? undefined : { tenantId, id, owner, ...row };
  }

  /** Says that the call goes out under this request id: behind this nothing is run again. @throws LostApprovalError. */
  async markSent(tx: Transaction, claim: ApprovalClaim, requestId: string): Promise<void> {
    const count = await tx.$executeRaw`
      update approvals set sent_at = now(), request_id = ${requestId}, beat_at = now(), updated_at = now()
       where tenant_id = ${claim.tenantId} and id = ${claim.id} and owner = ${claim.owner} and state = 'running'`;
    if (count === 0) throw new LostApprovalError();
  }

  /** Notes how many bytes of the result there are by now, in how many pieces. @throws LostApprovalError. */
  async note(tx: StatementTransaction, claim: ApprovalClaim, bytes: number, parts: number): Promise<void> {
    const count = await tx.$executeRaw`
      update approvals set result_bytes = ${bytes}, result_parts = ${parts}, updated_at = now()
       where tenant_id = ${claim.tenantId} and id = ${claim.id} and owner = ${claim.owner} and state = 'running'`;
    if (count === 0) throw new LostApprovalError();
  }

  /** Ends a call: its result is whole. @param requestId under which it ran, unless its mark has said so. @throws LostApprovalError. */
  async end(
    tx: StatementTransaction,
    claim: ApprovalClaim,
    { status, headers }: CallAnswer,
    requestId: string | null = null,
  ): Promise<void> {
    const count = await tx.$executeRaw`
      update approvals set state = 'completed', owner = null, beat_at = null, head = null, status = ${status}, headers = ${JSON.stringify(headers)}::jsonb,
             request_id = coalesce(request_id, ${requestId}), ended_at = now(), kept_until = ${new Date(Date.now() + keptMs)}, updated_at = now()
       where tenant_id = ${claim.tenantId} and id = ${claim.id} and owner = ${claim.owner} and state = 'running'`;
    if (count === 0) throw new LostApprovalError();
  }

  /** Lets go of a call that has not gone out: it is taken again after so long. @throws LostApprovalError. */
  async giveBack(tx: Transaction, claim: ApprovalClaim, afterMs: number): Promise<void> {
    const count = await tx.$executeRaw`
      update approvals set state = 'approved', owner = null, beat_at = null, due_at = ${new Date(Date.now() + afterMs)}, updated_at = now()
       where tenant_id = ${claim.tenantId} and id = ${claim.id} and owner = ${claim.owner} and state = 'running' and sent_at is null`;
    if (count === 0) throw new LostApprovalError();
  }

  /** Holds a call whose run has said nothing for long; undefined when it lives or has ended. */
  async holdDead(tx: Transaction, { tenantId, id }: ApprovalPlace, deadSeconds: number): Promise<DeadRun | undefined> {
    const [row] = await tx.$queryRaw<DeadRun[]>`
      select owner, sent_at is not null as "isSent", key_id as "keyId", idempotency_id as "idempotencyId", request_id as "requestId" from approvals
       where tenant_id = ${tenantId} and id = ${id} and state = 'running' and beat_at < now() - make_interval(secs => ${deadSeconds})
         for no key update`;
    return row;
  }
}
