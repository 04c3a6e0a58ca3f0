import { Injectable } from '@nestjs/common';
import type { ListApprovalsQuery } from '../../contracts/approvals.js';
import type { RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { keptMs, type ApprovalPlace, type ApprovalRecord } from './approval-record.js';

/** What a held call takes of what its tenant may hold. */
export interface HeldAmounts {
  /** Calls of the key that wait or run. */
  readonly ofKey: number;
  /** Bytes of all requests and results of the tenant that are stored. */
  readonly bytes: number;
}

const told = { head: true, updatedAt: true } as const;
const open = ['pending', 'approved', 'running'];

/** Which rows have a status: what was not decided, or not run, in time has expired although nobody has written that down. */
function statusFilter(status: ListApprovalsQuery['status']): Prisma.ApprovalWhereInput {
  const now = new Date();
  const alive = { expiresAt: { gt: now } };
  switch (status) {
    case 'pending':
      return { state: 'pending', ...alive };
    case 'approved':
      return { OR: [{ state: 'running' }, { state: 'approved', ...alive }] };
    case 'expired':
      return { OR: [{ state: 'expired' }, { state: { in: ['pending', 'approved'] }, expiresAt: { lte: now } }] };
    default:
      return status === undefined ? {} : { state: status };
  }
}

/** Rows of held calls, of one tenant at a time: asking, deciding and looking. Their runs stand in approval-runs.repository. */
@Injectable()
export class ApprovalsRepository {
  /** Makes every other request of the tenant wait that may be held, until the transaction ends. */
  async lockTenant(tx: Transaction, tenantId: string): Promise<void> {
    await tx.$queryRaw`select pg_advisory_xact_lock(hashtextextended(${`approvals ${tenantId}`}, 0))::text`;
  }

  /** The call that stands under an Idempotency-Key. */
  async ofIdempotencyKey(
    tx: Transaction,
    tenantId: string,
    keyId: string,
    idempotencyId: string,
  ): Promise<ApprovalRecord | null> {
    return tx.approval.findFirst({ where: { tenantId, keyId, idempotencyId }, omit: told });
  }

  /** The same request of the key without one, as long as it has not ended. */
  async sameRequest(tx: Transaction, tenantId: string, keyId: string, requestHash: string): Promise<ApprovalRecord | null> {
    return tx.approval.findFirst({
      where: { tenantId, keyId, requestHash, idempotencyId: null, state: { in: open } },
      omit: told,
    });
  }

  /** A call whose time is over makes room for a new one of the same Idempotency-Key or request. */
  async makeRoom(tx: Transaction, { tenantId, id }: ApprovalPlace): Promise<void> {
    await tx.$executeRaw`
      update approvals set idempotency_id = null, updated_at = now(),
             state = case when state in ('pending', 'approved') and expires_at <= now() then 'expired' else state end
       where tenant_id = ${tenantId} and id = ${id}`;
  }

  async amounts(tx: Transaction, tenantId: string, keyId: string): Promise<HeldAmounts> {
    const [row] = await tx.$queryRaw<HeldAmounts[]>`
      select count(*) filter (where is_open and key_id = ${keyId})::int as "ofKey",
             coalesce(sum(result_bytes + case when is_open then body_bytes else 0 end), 0)::float8 as bytes
        from (select key_id, body_bytes, result_bytes,
                     state = 'running' or (state in ('pending', 'approved') and expires_at > now()) as is_open
                from approvals where tenant_id = ${tenantId} and (state in ('pending', 'approved', 'running') or kept_until > now())) held`;
    return row ?? { ofKey: 0, bytes: 0 };
  }

  async insert(tx: Transaction, data: Prisma.ApprovalUncheckedCreateInput): Promise<ApprovalRecord> {
    return tx.approval.create({ data, omit: told });
  }

  async find(tx: Transaction, tenantId: string, id: string): Promise<ApprovalRecord | null> {
    return tx.approval.findFirst({ where: { tenantId, id }, omit: told });
  }

  /** The sealed head; null when the call has ended. */
  async head(tx: Transaction, { tenantId, id }: ApprovalPlace): Promise<Uint8Array | null> {
    return (await tx.approval.findFirst({ where: { tenantId, id }, select: { head: true } }))?.head ?? null;
  }

  async list(tx: Transaction, tenantId: string, query: ListApprovalsQuery): Promise<RowPage<ApprovalRecord>> {
    const { status, key } = query;
    const conditions = [statusFilter(status), key === undefined ? {} : { key: { OR: [{ id: key }, { name: key }] } }];
    return readPage(query, {
      find: (id) => tx.approval.findFirst({ where: { tenantId, id }, select: { id: true, createdAt: true } }),
      list: (page) =>
        tx.approval.findMany({
          where: { tenantId, AND: [...conditions, page.where] },
          omit: told,
          orderBy: page.orderBy,
          take: page.take,
        }),
    });
  }

  /**
   * Decides a call that waits. Approved, it is to be run within an hour although its time may be over before.
   * @returns false when it waits no more: of any number of deciders one decides.
   */
  async decide(
    tx: Transaction,
    { tenantId, id }: ApprovalPlace,
    { approve, by, reason }: { readonly approve: boolean; readonly by: string; readonly reason: string | null },
  ): Promise<boolean> {
    const count = approve
      ? await tx.$executeRaw`
          update approvals set state = 'approved', decided_at = now(), decided_by = ${by}, reason = ${reason}, due_at = now(),
                 expires_at = greatest(expires_at, now() + interval '1 hour'), updated_at = now()
           where tenant_id = ${tenantId} and id = ${id} and state = 'pending' and expires_at > now()`
      : await tx.$executeRaw`
          update approvals set state = 'rejected', decided_at = now(), decided_by = ${by}, reason = ${reason}, head = null,
                 kept_until = ${new Date(Date.now() + keptMs)}, updated_at = now()
           where tenant_id = ${tenantId} and id = ${id} and state = 'pending' and expires_at > now()`;
    return count === 1;
  }
}
