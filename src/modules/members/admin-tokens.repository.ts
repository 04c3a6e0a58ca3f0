import { Injectable } from '@nestjs/common';
import type { ListAdminTokensQuery } from '../../contracts/admin-tokens.js';
import type { RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { AdminTokenRecord } from './member-record.js';

const withTenant = { tenant: { select: { slug: true } } } as const;

export interface AdminTokenValues {
  readonly name: string;
  readonly role: string;
  readonly memberId: string | null;
  readonly hash: string;
  readonly lastFour: string;
  readonly expiresAt: Date;
}

/** The rows of a tenant's admin tokens. */
@Injectable()
export class AdminTokensRepository {
  async list(transaction: Transaction, tenantId: string, query: ListAdminTokensQuery): Promise<RowPage<AdminTokenRecord>> {
    const filter = { tenantId, name: query.name, role: query.role, memberId: query.member };
    return readPage(query, {
      find: (id) => transaction.adminToken.findFirst({ where: { tenantId, id } }),
      list: (page) =>
        transaction.adminToken.findMany({
          where: { ...filter, ...page.where },
          include: withTenant,
          orderBy: page.orderBy,
          take: page.take,
        }),
    });
  }

  async find(transaction: Transaction, tenantId: string, id: string): Promise<AdminTokenRecord | null> {
    return transaction.adminToken.findFirst({ where: { tenantId, id }, include: withTenant });
  }

  /** Makes every other change of this token wait until the transaction ends. */
  async lock(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.$queryRaw`select id from admin_tokens where tenant_id = ${tenantId} and id = ${id} for update`;
  }

  async insert(transaction: Transaction, tenantId: string, id: string, values: AdminTokenValues): Promise<AdminTokenRecord> {
    return transaction.adminToken.create({ data: { tenantId, id, ...values }, include: withTenant });
  }

  async revoke(transaction: Transaction, tenantId: string, id: string, at: Date): Promise<AdminTokenRecord> {
    return transaction.adminToken.update({
      where: { tenantId_id: { tenantId, id } },
      data: { revokedAt: at },
      include: withTenant,
    });
  }

  /** Revokes all of a member's tokens that live; answers which. */
  async revokeOfMember(transaction: Transaction, tenantId: string, memberId: string): Promise<{ id: string; name: string }[]> {
    return transaction.$queryRaw<{ id: string; name: string }[]>`
      update admin_tokens set revoked_at = now()
       where tenant_id = ${tenantId} and member_id = ${memberId} and revoked_at is null returning id, name`;
  }

  async delete(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.adminToken.delete({ where: { tenantId_id: { tenantId, id } } });
  }
}
