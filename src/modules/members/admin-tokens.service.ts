import { Injectable } from '@nestjs/common';
import { roleReaches } from '../../catalog/admin/roles.js';
import {
  defaultTokenSeconds,
  maxTokenSeconds,
  type CreateAdminTokenRequest,
  type ListAdminTokensQuery,
} from '../../contracts/admin-tokens.js';
import type { RowPage } from '../../contracts/lists.js';
import type { MemberRole } from '../../contracts/members.js';
import { AppError } from '../../kernel/app-error.js';
import { credentialHash, newCredential } from '../../kernel/credentials.js';
import { newId } from '../../kernel/ids.js';
import { deleting, writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { auditedFields, beforeAndAfter, type AuditedFields } from '../audit/before-and-after.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { AdminTokensRepository } from './admin-tokens.repository.js';
import type { AdminTokenRecord } from './member-record.js';
import { MembersRepository } from './members.repository.js';

/** The `gtad_` tokens of a tenant: each has one role, which its maker has too, and an end. */
@Injectable()
export class AdminTokensService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: AdminTokensRepository,
    private readonly members: MembersRepository,
    private readonly audit: AuditWriter,
  ) {}

  async list(actor: Actor, query: ListAdminTokensQuery): Promise<RowPage<AdminTokenRecord>> {
    return this.database.run(actor.tenantId, (transaction) => this.repository.list(transaction, actor.tenantId, query));
  }

  /** @throws AppError not_found. */
  async get(actor: Actor, id: string): Promise<AdminTokenRecord> {
    return this.database.run(actor.tenantId, (transaction) => this.getIn(transaction, actor, id));
  }

  async getIn(transaction: Transaction, actor: Actor, id: string): Promise<AdminTokenRecord> {
    const found = await this.repository.find(transaction, actor.tenantId, id);
    if (found === null) throw new AppError('not_found');
    return found;
  }

  /**
   * Makes a token and answers its secret, this once.
   * @throws AppError insufficient_role for a role above the maker's, invalid_value for an end or a member that cannot be.
   */
  async create(
    actor: Actor,
    input: CreateAdminTokenRequest,
  ): Promise<{ readonly token: AdminTokenRecord; readonly secret: string }> {
    return this.database.run(actor.tenantId, (transaction) => this.createIn(transaction, actor, input));
  }

  async createIn(
    transaction: Transaction,
    actor: Actor,
    input: CreateAdminTokenRequest,
  ): Promise<{ token: AdminTokenRecord; secret: string }> {
    const role = grantableRole(actor, input);
    const expiresAt = endOf(input.expires_at, Date.now());
    const memberId = input.member === undefined ? null : await this.memberFor(transaction, actor, input.member, role);
    const secret = newCredential('gtad_');
    const id = newId('adminToken');
    const values = { name: input.name, role, memberId, hash: credentialHash(secret), lastFour: secret.slice(-4), expiresAt };
    const token = await writing('admin_token', () => this.repository.insert(transaction, actor.tenantId, id, values));
    const changes = { name: input.name, role, member: memberId, expires_at: expiresAt.toISOString() };
    await this.audit.record(transaction, actor, { action: 'create', kind: 'admin_token', objectId: id, changes });
    return { token, secret };
  }

  /** Ends a token at once and for good; one that has ended already stays as it is. @throws AppError not_found. */
  async revoke(actor: Actor, id: string): Promise<AdminTokenRecord> {
    return this.database.run(actor.tenantId, async (transaction) => {
      await this.repository.lock(transaction, actor.tenantId, id);
      const token = await this.getIn(transaction, actor, id);
      if (token.revokedAt !== null) return token;
      const revoked = await this.repository.revoke(transaction, actor.tenantId, id, new Date());
      const changed = beforeAndAfter(audited(token), audited(revoked), ['name']);
      await this.audit.record(transaction, actor, { action: 'revoke', kind: 'admin_token', objectId: id, ...changed });
      return revoked;
    });
  }

  /** Ends a token and forgets it. @throws AppError not_found. */
  async delete(actor: Actor, id: string): Promise<void> {
    await this.database.run(actor.tenantId, async (transaction) => {
      await this.repository.lock(transaction, actor.tenantId, id);
      const token = await this.getIn(transaction, actor, id);
      const { name, role } = token;
      await deleting('admin_token', () => this.repository.delete(transaction, actor.tenantId, id));
      await this.audit.record(transaction, actor, {
        action: 'delete',
        kind: 'admin_token',
        objectId: id,
        changes: { name, role },
        before: audited(token),
      });
    });
  }

  private async memberFor(transaction: Transaction, actor: Actor, named: string, role: MemberRole): Promise<string> {
    const member = await this.members.findByIdOrEmail(transaction, actor.tenantId, named);
    if (member === null || member.state !== 'active') {
      throw new AppError('invalid_value', {
        param: 'member',
        message: 'There is no active member with this id or e-mail address.',
      });
    }
    if (!roleReaches(member.role as MemberRole, role)) {
      throw new AppError('invalid_value', {
        param: 'role',
        message: `The member has the role ${member.role}; its token cannot have the role ${role}.`,
      });
    }
    return member.id;
  }
}

function audited(token: AdminTokenRecord): AuditedFields {
  const member = { member: token.memberId };
  return { ...auditedFields(token, ['name', 'role', 'lastFour', 'expiresAt', 'revokedAt']), ...member };
}

function grantableRole(actor: Actor, { role }: CreateAdminTokenRequest): MemberRole {
  if (!roleReaches(actor.role, role)) {
    throw new AppError('insufficient_role', {
      param: 'role',
      message: `Your role is ${actor.role}; you cannot make a token of the role ${role}.`,
    });
  }
  if (role === 'operator') {
    throw new AppError('invalid_value', {
      param: 'role',
      message: "Operators' tokens belong to no tenant. Make them with: gt operator create.",
    });
  }
  return role;
}

/** @throws AppError invalid_value when the end has passed or is more than a year ahead. */
function endOf(seconds: number | undefined, nowMs: number): Date {
  if (seconds === undefined) return new Date(nowMs + defaultTokenSeconds * 1000);
  const aheadSeconds = seconds - nowMs / 1000;
  if (aheadSeconds <= 0)
    throw new AppError('invalid_value', { param: 'expires_at', message: 'The time in expires_at has passed.' });
  if (aheadSeconds > maxTokenSeconds)
    throw new AppError('invalid_value', { param: 'expires_at', message: 'An admin token lives for a year at most.' });
  return new Date(seconds * 1000);
}
