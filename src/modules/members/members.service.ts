import { Injectable } from '@nestjs/common';
import { roleReaches } from '../../catalog/admin/roles.js';
import type { RowPage } from '../../contracts/lists.js';
import type { CreateMemberRequest, ListMembersQuery, MemberRole, UpdateMemberRequest } from '../../contracts/members.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { deleting, writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { auditedFields, beforeAndAfter, type AuditedFields } from '../audit/before-and-after.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { MemberTokens } from './member-tokens.js';
import type { MemberRecord } from './member-record.js';
import { MembersRepository } from './members.repository.js';

/** The people of a tenant. A tenant that has owners keeps at least one active one. */
@Injectable()
export class MembersService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: MembersRepository,
    private readonly tokens: MemberTokens,
    private readonly sessions: SessionsRepository,
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
   * Another role, another address and being disabled end the member's sessions; a lower role ends the tokens too.
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
    const before = await this.getIn(transaction, actor, id);
    const member = await writing('member', () =>
      this.repository.update(transaction, actor.tenantId, id, { email, name, role, state }),
    );
    const entry = { action: 'update', kind: 'member', objectId: id, ...beforeAndAfter(audited(before), audited(member)) };
    await this.audit.record(transaction, actor, entry);
    await this.endAccess(transaction, actor, before, member);
    return member;
  }

  private async endAccess(transaction: Transaction, actor: Actor, before: MemberRecord, now: MemberRecord): Promise<void> {
    const isOther = before.role !== now.role || before.email !== now.email || before.state !== now.state;
    if (isOther) {
      await this.sessions.endOfMember(transaction, actor.tenantId, now.id);
      // Whoever has a link was meant with the address and the rights from before.
      await this.repository.endLinks(transaction, actor.tenantId, now.id);
    }
    const isLower = !roleReaches(now.role as MemberRole, before.role as MemberRole);
    if (isLower) await this.tokens.revokeAll(transaction, actor, now.id);
  }

  /** Removes the member, its tokens and its sessions. @throws AppError not_found, conflict for the last active owner. */
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
