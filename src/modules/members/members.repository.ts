import { Injectable } from '@nestjs/common';
import type { RowPage } from '../../contracts/lists.js';
import type { ListMembersQuery } from '../../contracts/members.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { MemberRecord } from './member-record.js';

const withTenant = { tenant: { select: { slug: true } } } as const;

export interface MemberValues {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly role?: string | undefined;
  readonly state?: string | undefined;
}

/** The rows of a tenant's members. */
@Injectable()
export class MembersRepository {
  async list(transaction: Transaction, tenantId: string, query: ListMembersQuery): Promise<RowPage<MemberRecord>> {
    const filter = { tenantId, email: query.email?.toLowerCase(), name: query.name, role: query.role, state: query.state };
    return readPage(query, {
      find: (id) => transaction.member.findFirst({ where: { tenantId, id } }),
      list: (page) =>
        transaction.member.findMany({
          where: { ...filter, ...page.where },
          include: withTenant,
          orderBy: page.orderBy,
          take: page.take,
        }),
    });
  }

  async find(transaction: Transaction, tenantId: string, id: string): Promise<MemberRecord | null> {
    return transaction.member.findFirst({ where: { tenantId, id }, include: withTenant });
  }

  async findByIdOrEmail(transaction: Transaction, tenantId: string, named: string): Promise<MemberRecord | null> {
    return transaction.member.findFirst({
      where: { tenantId, OR: [{ id: named }, { email: named.toLowerCase() }] },
      include: withTenant,
    });
  }

  async insert(
    transaction: Transaction,
    tenantId: string,
    id: string,
    values: Required<MemberValues> & { email: string; role: string },
  ): Promise<MemberRecord> {
    return transaction.member.create({ data: { tenantId, id, ...values }, include: withTenant });
  }

  async update(transaction: Transaction, tenantId: string, id: string, values: MemberValues): Promise<MemberRecord> {
    return transaction.member.update({ where: { tenantId_id: { tenantId, id } }, data: values, include: withTenant });
  }

  async delete(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.member.delete({ where: { tenantId_id: { tenantId, id } } });
  }

  /** Ids of the active owners. They stay as they are until the transaction ends, so two cannot remove each other. */
  async lockActiveOwners(transaction: Transaction, tenantId: string): Promise<readonly string[]> {
    const rows = await transaction.$queryRaw<{ id: string }[]>`
      select id from members where tenant_id = ${tenantId} and role = 'owner' and state = 'active' order by id for update`;
    return rows.map(({ id }) => id);
  }

  /** Makes every other change of this member wait until the transaction ends. */
  async lock(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.$queryRaw`select id from members where tenant_id = ${tenantId} and id = ${id} for update`;
  }

  /** Ends the links by which the member could come in, or decide. */
  async endLinks(transaction: Transaction, tenantId: string, memberId: string): Promise<void> {
    await transaction.memberLink.deleteMany({ where: { tenantId, memberId } });
    await transaction.approvalLink.deleteMany({ where: { tenantId, memberId } });
  }

  /** Ids of the member's tokens, which go with it. */
  async tokensOf(transaction: Transaction, tenantId: string, memberId: string): Promise<string[]> {
    const rows = await transaction.adminToken.findMany({
      where: { tenantId, memberId },
      select: { id: true },
      orderBy: { id: 'asc' },
    });
    return rows.map(({ id }) => id);
  }
}
