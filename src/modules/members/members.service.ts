import { Injectable } from '@nestjs/common';
import { adminRoles, roleReaches } from '../../catalog/admin/roles.js';
import type { RowPage } from '../../contracts/lists.js';
import type { CreateMemberRequest, ListMembersQuery, MemberRole, UpdateMemberRequest } from '../../contracts/members.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { deleting, writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { auditedFields, beforeAndAfter, type AuditedFields } from '../audit/before-and-after.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { MemberRecord } from './member-record.js';
import { MembersRepository } from './members.repository.js';

/** The people of a tenant. A tenant that has owners keeps at least one active one. */
@Injectable()
export class MembersService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: MembersRepository,
    private readonly audit: AuditWriter,
  ) {}

  async list(actor: Actor, query: ListMembersQuery): Promise<RowPage<MemberRecord>> {
    return this.database.run(actor.tenantId, (transaction) => this.repository.list(transaction, actor.tenantId, query));
  }

  /** @throws AppError not_found. */
  async get(actor: Actor, id: string): Promise<MemberRecord> {
    return this.database.run(actor.tenantId, (transaction) => this.getIn(transaction, actor, id));
  }

  async getIn(transaction: Transaction, actor: Actor, id: string): Promise<MemberRecord> {
    const found = await this.repository.find(transaction, actor.tenantId, id);
    if (found === null) throw new AppError('not_found');
    return found;
  }

  /** @throws AppError conflict when the tenant has a member of this e-mail address. */
  async create(actor: Actor, input: CreateMemberRequest): Promise<MemberRecord> {
    return this.database.run(actor.tenantId, (transaction) => this.createIn(transaction, actor, input));
  }

  async createIn(transaction: Transaction, actor: Actor, input: CreateMemberRequest): Promise<MemberRecord> {
    const { email, name, role, state } = input;
    const id = newId('member');
    const member = await writing('member', () =>
      this.repository.insert(transaction, actor.tenantId, id, { email, name, role, state }),
    );
    await this.audit.record(transaction, actor, {
      action: 'create',
      kind: 'member',
      objectId: id,
      changes: { email, name, role, state },
    });
    return member;
  }

  /**
   * A lower role lowers the member's tokens with it.
   * @throws AppError not_found, conflict when the last active owner would be one no more, or the address is taken.
   */
  async update(actor: Actor, id: string, input: UpdateMemberRequest): Promise<MemberRecord> {
    return this.database.run(actor.tenantId, (transaction) => this.updateIn(transaction, actor, id, input));
  }

  async updateIn(transaction: Transaction, actor: Actor, id: string, input: UpdateMemberRequest): Promise<MemberRecord> {
    const { email, name, role, state } = input;
    const staysOwner = (role ?? 'owner') === 'owner' && (state ?? 'active') === 'active';
    if (!staysOwner) await this.keepAnOwner(transaction, actor, id);
    await this.repository.lock(transaction, actor.tenantId, id);
    const before = audited(await this.getIn(transaction, actor, id));
    const member = await writing('member', () =>
      this.repository.update(transaction, actor.tenantId, id, { email, name, role, state }),
    );
    const entry = { action: 'update', kind: 'member', objectId: id, ...beforeAndAfter(before, audited(member)) };
    await this.audit.record(transaction, actor, entry);
    if (role !== undefined) await this.lowerTokens(transaction, actor, id, role);
    return member;
  }

  /** Removes the member and its tokens. @throws AppError not_found, conflict for the last active owner. */
  async delete(actor: Actor, id: string): Promise<void> {
    await this.database.run(actor.tenantId, (transaction) => this.deleteIn(transaction, actor, id));
  }

  async deleteIn(transaction: Transaction, actor: Actor, id: string): Promise<void> {
    await this.keepAnOwner(transaction, actor, id);
    await this.repository.lock(transaction, actor.tenantId, id);
    const member = await this.getIn(transaction, actor, id);
    const tokens = await this.repository.tokensOf(transaction, actor.tenantId, id);
    await deleting('member', () => this.repository.delete(transaction, actor.tenantId, id));
    const about = { action: 'delete', kind: 'member', objectId: id };
    const before = { ...audited(member), admin_tokens: tokens };
    await this.audit.record(transaction, actor, { ...about, changes: { email: member.email }, before });
  }

  private async lowerTokens(transaction: Transaction, actor: Actor, id: string, role: MemberRole): Promise<void> {
    const above = adminRoles.filter((other) => other !== role && roleReaches(other, role));
    const lowered = await this.repository.lowerTokens(transaction, actor.tenantId, id, above, role);
    const entries = lowered.map((token) => {
      return { action: 'update', kind: 'admin_token', objectId: token.id, before: { role: token.role }, changes: { role } };
    });
    if (entries.length > 0) await this.audit.recordMany(transaction, actor, entries);
  }

  private async keepAnOwner(transaction: Transaction, actor: Actor, id: string): Promise<void> {
    const owners = await this.repository.lockActiveOwners(transaction, actor.tenantId);
    if (owners.length === 1 && owners[0] === id) {
      throw new AppError('conflict', {
        message: 'This is the last active owner of the tenant. Make another member an owner first.',
      });
    }
  }
}

function audited(member: MemberRecord): AuditedFields {
  return auditedFields(member, ['email', 'name', 'role', 'state']);
}
