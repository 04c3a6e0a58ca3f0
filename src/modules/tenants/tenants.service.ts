import { Injectable } from '@nestjs/common';
import { approvalRoutes } from '../../catalog/approval.js';
import { routeSwitches } from '../../catalog/route-row.js';
import type { RowPage } from '../../contracts/lists.js';
import type { CreateTenantRequest, ListTenantsQuery, UpdateTenantRequest } from '../../contracts/tenants.js';
import { AppError } from '../../kernel/app-error.js';
import { newId } from '../../kernel/ids.js';
import { Prisma } from '../../platform/database/generated/client.js';
import { deleting, translateUnique, writing } from '../../platform/database/prisma-errors.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { beforeAndAfter } from '../audit/before-and-after.js';
import { OperatorAuditWriter } from '../audit/operator-audit-writer.js';
import { EmbeddingConnections } from '../connections/embedding-connections.js';
import type { Actor, OperatorActor } from '../../catalog/admin/admin-identity.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { auditedTenant } from './audited-tenant.js';
import type { TenantRecord } from './tenant-record.js';
import { TenantTransactions } from './tenant-transactions.repository.js';
import { TenantsRepository, type TenantValues } from './tenants.repository.js';

/** The life of tenants. Operators make and end them; owners change their own one's settings. */
@Injectable()
export class TenantsService {
  constructor(
    private readonly transactions: TenantTransactions,
    private readonly repository: TenantsRepository,
    private readonly audit: AuditWriter,
    private readonly operatorAudit: OperatorAuditWriter,
    private readonly connections: EmbeddingConnections,
    private readonly sessions: SessionsRepository,
  ) {}

  async list(query: ListTenantsQuery): Promise<RowPage<TenantRecord>> {
    return this.transactions.ofPlatform((transaction) => this.repository.list(transaction, query));
  }

  /** @throws AppError not_found. */
  async get(actor: Actor): Promise<TenantRecord> {
    return this.transactions.of(actor, (transaction) => this.getIn(transaction, actor));
  }

  async getIn(transaction: Transaction, actor: Actor): Promise<TenantRecord> {
    const found = await this.repository.find(transaction, actor.tenantId);
    if (found === null) throw new AppError('not_found', { param: 'tenant', message: 'No such tenant.' });
    return found;
  }

  /** @throws AppError conflict when the slug or a host is taken, invalid_value for an unknown route group or connection. */
  async create(actor: OperatorActor, input: CreateTenantRequest): Promise<TenantRecord> {
    return this.transactions.ofPlatform(async (transaction) => {
      const tenant = await this.createIn(transaction, actor, input);
      await this.judgeReferencesIn(transaction, tenant.id, input);
      return tenant;
    });
  }

  /** Connections that it names are left to `judgeReferencesIn`: they may be made after it. @param transaction one of the platform. */
  async createIn(transaction: Transaction, actor: OperatorActor, input: CreateTenantRequest): Promise<TenantRecord> {
    if (input.request_bodies != null) throw ownersAlone();
    const { slug, ...settings } = input;
    const tenantId = newId('tenant');
    const maker: Actor = { ...actor, tenantId, role: 'operator' };
    const values = { name: slug, ...columnsOf(settings) };
    await writing('tenant', () => this.repository.insert(transaction, tenantId, slug, values));
    await this.setHosts(transaction, tenantId, settings.hosts);
    await this.audit.record(transaction, maker, { action: 'create', kind: 'tenant', objectId: tenantId, changes: input });
    return this.getIn(transaction, maker);
  }

  /** @throws AppError insufficient_role, conflict, invalid_value, not_found. */
  async update(actor: Actor, input: UpdateTenantRequest): Promise<TenantRecord> {
    return this.transactions.of(actor, async (transaction) => {
      const tenant = await this.updateIn(transaction, actor, input);
      await this.judgeReferencesIn(transaction, tenant.id, input);
      return tenant;
    });
  }

  /**
   * Holds what the settings name against what the tenant has: the transaction fails with it, or it is there at its end.
   * @throws AppError invalid_value, naming the field.
   */
  async judgeReferencesIn(
    transaction: Transaction,
    tenantId: string,
    { vector_stores: stores }: Pick<UpdateTenantRequest, 'vector_stores'>,
  ): Promise<void> {
    if (stores?.embedding == null) return;
    await this.connections.require(transaction, tenantId, stores.embedding, 'vector_stores.embedding');
  }

  /** As `createIn`. @param transaction one of the platform where `hosts` are set. */
  async updateIn(transaction: Transaction, actor: Actor, input: UpdateTenantRequest): Promise<TenantRecord> {
    const operators = (['state', 'hosts', 'ceiling', 'markup_per_mille'] as const).find((field) => input[field] !== undefined);
    if (operators !== undefined && actor.role !== 'operator') {
      throw new AppError('insufficient_role', {
        param: operators,
        message: `Only operators of the platform may set '${operators}'.`,
      });
    }
    if (input.request_bodies != null && actor.role === 'operator') throw ownersAlone();
    await this.repository.lock(transaction, actor.tenantId);
    const before = auditedTenant(await this.getIn(transaction, actor));
    await this.repository.update(transaction, actor.tenantId, columnsOf(input));
    if (input.state !== undefined && input.state !== 'active') await this.sessions.endOfTenant(transaction, actor.tenantId);
    await this.setHosts(transaction, actor.tenantId, input.hosts);
    const tenant = await this.getIn(transaction, actor);
    const entry = { action: 'update', kind: 'tenant', objectId: tenant.id, ...beforeAndAfter(before, auditedTenant(tenant)) };
    await this.audit.record(transaction, actor, entry);
    return tenant;
  }

  /** Deletes the tenant and all it owns. Its own audit goes with it, so the operators' audit keeps the deletion. */
  async delete(actor: Actor): Promise<TenantRecord> {
    return this.transactions.ofPlatform(async (transaction) => {
      await this.repository.lock(transaction, actor.tenantId);
      const tenant = await this.getIn(transaction, actor);
      await deleting('tenant', () => this.repository.delete(transaction, tenant.id));
      const changes = { slug: tenant.slug, name: tenant.name, hosts: tenant.hosts.map(({ host }) => host) };
      const entry = { action: 'delete', kind: 'tenant', objectId: tenant.id, changes, before: auditedTenant(tenant) };
      await this.operatorAudit.record(transaction, actor, entry);
      return tenant;
    });
  }

  private async setHosts(transaction: Transaction, tenantId: string, hosts: readonly string[] | undefined): Promise<void> {
    if (hosts === undefined) return;
    try {
      await this.repository.replaceHosts(transaction, tenantId, hosts);
    } catch (error) {
      if (translateUnique(error, 'tenant') === undefined) throw error;
      throw new AppError('conflict', { param: 'hosts', message: 'One of these hosts belongs to another tenant.', cause: error });
    }
  }
}

/** What clients send and are answered is the tenant's own. */
function ownersAlone(): AppError {
  return new AppError('insufficient_role', {
    param: 'request_bodies',
    message: "Only owners of the tenant may switch 'request_bodies' on.",
  });
}

/** The given settings as columns; hosts stand in a table of their own. */
function columnsOf(input: UpdateTenantRequest): TenantValues {
  const unknown = input.routes_off?.find((name) => !(routeSwitches as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new AppError('invalid_value', {
      param: 'routes_off',
      message: `'${unknown}' cannot be switched off. There are: ${routeSwitches.join(', ')}.`,
    });
  }
  return {
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.state === undefined ? {} : { state: input.state }),
    ...(input.api_enabled === undefined ? {} : { apiEnabled: input.api_enabled }),
    ...(input.routes_off === undefined ? {} : { routesOff: input.routes_off }),
    ...(input.approval === undefined ? {} : { approval: approvalRoutes(input.approval) }),
    ...(input.limits === undefined ? {} : { limits: input.limits }),
    ...(input.ceiling === undefined ? {} : { ceiling: input.ceiling }),
    ...(input.time_zone === undefined ? {} : { timeZone: input.time_zone }),
    ...(input.markup_per_mille === undefined ? {} : { markupPerMille: input.markup_per_mille }),
    ...(input.retention_days === undefined ? {} : { retentionDays: input.retention_days }),
    ...(input.stored_days === undefined ? {} : { storedDays: input.stored_days }),
    ...(input.request_log_days === undefined ? {} : { requestLogDays: input.request_log_days }),
    ...(input.request_bodies === undefined ? {} : { requestBodyDays: input.request_bodies?.days ?? null }),
    ...(input.vector_stores === undefined ? {} : { vectorStoreEmbedding: input.vector_stores.embedding ?? Prisma.DbNull }),
  };
}
