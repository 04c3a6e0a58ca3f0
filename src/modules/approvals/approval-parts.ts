import { Injectable } from '@nestjs/common';
import type { StatementTransaction, Transaction } from '../../platform/database/tenant-database.js';
import { KeyRing } from '../../platform/secrets/key-ring.js';
import { sealOf, type ApprovalPlace } from './approval-record.js';

type PartKind = 'request' | 'result';

/** A piece of bytes has at most so many, before it is sealed. */
const partBytes = 1024 * 1024;

/** The bytes of held requests and of their results, sealed piece by piece. */
@Injectable()
export class ApprovalParts {
  constructor(private readonly keyRing: KeyRing) {}

  /** The bytes as sealed pieces, the first of which has this number. */
  seal(place: ApprovalPlace, kind: PartKind, bytes: Buffer, first = 0): Uint8Array<ArrayBuffer>[] {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < bytes.length; at += partBytes) {
      const number = first + parts.length;
      const sealed = this.keyRing.sealBytes(bytes.subarray(at, at + partBytes), sealOf(place, `${kind}/${number}`));
      parts.push(new Uint8Array(sealed));
    }
    return parts;
  }

  async insert(
    tx: StatementTransaction,
    { tenantId, id }: ApprovalPlace,
    kind: PartKind,
    parts: readonly Uint8Array[],
    first = 0,
  ): Promise<void> {
    for (const [at, bytes] of parts.entries())
      await tx.$executeRaw`
        insert into approval_parts (tenant_id, approval_id, kind, number, bytes) values (${tenantId}, ${id}, ${kind}, ${first + at}, ${bytes})
        on conflict (tenant_id, approval_id, kind, number) do nothing`;
  }

  /** A piece, opened; undefined when it is not there. @throws SealError. */
  async read(tx: Transaction, place: ApprovalPlace, kind: PartKind, number: number): Promise<Buffer | undefined> {
    const { tenantId, id: approvalId } = place;
    const row = await tx.approvalPart.findFirst({ where: { tenantId, approvalId, kind, number }, select: { bytes: true } });
    return row === null ? undefined : this.keyRing.openBytes(row.bytes, sealOf(place, `${kind}/${number}`));
  }

  /** Removes the pieces of a kind. */
  async remove(tx: StatementTransaction, { tenantId, id }: ApprovalPlace, kind: PartKind): Promise<void> {
    await tx.$executeRaw`delete from approval_parts where tenant_id = ${tenantId} and approval_id = ${id} and kind = ${kind}`;
  }
}
