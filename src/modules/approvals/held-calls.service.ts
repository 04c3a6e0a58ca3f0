import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { faultPoint } from '../../platform/fault-point.js';
import { WebhookOutbox } from '../webhooks/webhook-outbox.js';
import { heldCallOf } from './approval-object.js';
import { ApprovalParts } from './approval-parts.js';
import { hasResult, mostBytesOfTenant, statusOf, type ApprovalRecord, type HeldHead } from './approval-record.js';
import { ApprovalsRepository } from './approvals.repository.js';
import { HeldHeads } from './held-heads.js';

/** So many calls of a key wait or run at a time. */
const mostOfKey = 100;

/** A request that is to be held. */
export interface HeldRequest {
  readonly tenantId: string;
  readonly keyId: string;
  readonly route: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly model: string | null;
  /** Says which request it is, like that of an Idempotency-Key. */
  readonly requestHash: string;
  /** Hash of the Idempotency-Key, where the request has one. */
  readonly idempotencyId: string | null;
  readonly head: HeldHead;
  readonly body: Buffer;
}

/** Takes in calls that are held, once each, and shows them to the keys that asked. */
@Injectable()
export class HeldCallsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly rows: ApprovalsRepository,
    private readonly parts: ApprovalParts,
    private readonly heads: HeldHeads,
    private readonly outbox: WebhookOutbox,
    private readonly config: Config,
  ) {}

  /**
   * Keeps a request until somebody approves it. The same request is held once: under its Idempotency-Key as long as its result
   * is kept, without one until it has ended.
   * @returns the call as it stands; under an Idempotency-Key it may be over.
   * @throws AppError idempotency_mismatch for another request under the same Idempotency-Key; rate_limit_exceeded when too much
   * is held already.
   */
  async hold(request: HeldRequest): Promise<ApprovalRecord> {
    const { tenantId, keyId } = request;
    const place = { tenantId, id: newId('approval') };
    const sealed = this.parts.seal(place, 'request', request.body);
    const head = this.heads.seal(place, request.head);
    const record = await this.database.run(tenantId, async (tx) => {
      await this.rows.lockTenant(tx, tenantId);
      const standing = await this.standing(tx, request);
      if (standing !== null) return standing;
      await this.refuseTooMany(tx, request);
      const { route, method, path, model, requestHash, idempotencyId, body } = request;
      const inserted = await this.rows.insert(tx, {
        ...place,
        ...{ keyId, route, method, path, model, requestHash, idempotencyId, head },
        bodySha256: createHash('sha256').update(body).digest('hex'),
        bodyBytes: body.length,
        bodyParts: sealed.length,
        expiresAt: new Date(Date.now() + this.config.GT_APPROVAL_HOURS * 3_600_000),
      });
      await this.parts.insert(tx, place, 'request', sealed);
      await this.outbox.record(tx, tenantId, 'approval.requested', () => Promise.resolve({ object: heldCallOf(inserted) }));
      return inserted;
    });
    if (record.id === place.id) faultPoint(this.config.GT_FAULT_POINT, 'approvals.after-hold');
    return record;
  }

  /** A call of the key. @throws AppError not_found. */
  async get(tenantId: string, keyId: string, id: string): Promise<ApprovalRecord> {
    const found = await this.database.run(tenantId, (tx) => this.rows.find(tx, tenantId, id));
    if (found === null || found.keyId !== keyId) throw new AppError('not_found');
    return found;
  }

  /** The bytes of a result, piece by piece; each is read when it is asked for. @throws Error when it is gone meanwhile. */
  async *resultOf({ tenantId, id, resultParts }: ApprovalRecord): AsyncGenerator<Buffer, void> {
    for (let number = 0; number < resultParts; number += 1) {
      const part = await this.database.run(tenantId, (tx) => this.parts.read(tx, { tenantId, id }, 'result', number));
      if (part === undefined) throw new Error(`The result of ${id} was removed while it was read.`);
      yield part;
    }
  }

  private async standing(tx: Transaction, request: HeldRequest): Promise<ApprovalRecord | null> {
    const { tenantId, keyId, requestHash, idempotencyId } = request;
    const found =
      idempotencyId === null
        ? await this.rows.sameRequest(tx, tenantId, keyId, requestHash)
        : await this.rows.ofIdempotencyKey(tx, tenantId, keyId, idempotencyId);
    if (found === null) return null;
    if (isOver(found)) {
      await this.rows.makeRoom(tx, found);
      return null;
    }
    if (found.requestHash !== requestHash) throw new AppError('idempotency_mismatch', { param: 'idempotency-key' });
    return found;
  }

  private async refuseTooMany(tx: Transaction, { tenantId, keyId, body }: HeldRequest): Promise<void> {
    const { ofKey, bytes } = await this.rows.amounts(tx, tenantId, keyId);
    if (ofKey >= mostOfKey)
      throw tooMany(`This API key has ${mostOfKey} calls that wait for an approval, which is as many as it may have.`);
    if (bytes + body.length > mostBytesOfTenant)
      throw tooMany('The held calls of this tenant and their results take all the room that they may have.');
  }
}

/** Nothing of the call is left for a repeat: it makes a new one. */
function isOver(record: ApprovalRecord): boolean {
  const status = statusOf(record);
  if (status === 'completed') return !hasResult(record);
  if (status === 'rejected') return record.keptUntil === null || record.keptUntil.getTime() <= Date.now();
  return status === 'expired';
}

function tooMany(message: string): AppError {
  return new AppError('rate_limit_exceeded', { message, headers: { 'retry-after': '60', 'x-should-retry': 'false' } });
}
