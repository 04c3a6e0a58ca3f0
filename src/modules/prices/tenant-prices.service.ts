import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { RowPage } from '../../contracts/lists.js';
import {
  priceName,
  type CreateTenantPriceRequest,
  type ListTenantPricesQuery,
  type UpdateTenantPriceRequest,
} from '../../contracts/prices.js';
import { AppError } from '../../kernel/app-error.js';
import { writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { auditedFields, beforeAndAfter, type AuditedFields } from '../audit/before-and-after.js';
import { momentOf, type TenantPriceRecord } from './price-record.js';
import { TenantPricesRepository } from './tenant-prices.repository.js';

/** Each process keeps them all in memory. */
const maxPrices = 5000;

/** What a tenant's models cost otherwise, and what is put on their cost: set by operators, since the tenant is billed by it. */
@Injectable()
export class TenantPricesService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: TenantPricesRepository,
    private readonly audit: AuditWriter,
  ) {}

  list({ tenantId }: Actor, query: ListTenantPricesQuery): Promise<RowPage<TenantPriceRecord>> {
    return this.database.run(tenantId, (tx) => this.repository.list(tx, tenantId, query));
  }

  /** @throws AppError not_found. */
  get(actor: Actor, id: string): Promise<TenantPriceRecord> {
    return this.database.run(actor.tenantId, (tx) => this.findIn(tx, actor, id));
  }

  create(actor: Actor, input: CreateTenantPriceRequest): Promise<TenantPriceRecord> {
    return this.database.run(actor.tenantId, (tx) => this.createIn(tx, actor, input));
  }

  update(actor: Actor, id: string, input: UpdateTenantPriceRequest): Promise<TenantPriceRecord> {
    return this.database.run(actor.tenantId, async (tx) => (await this.updateIn(tx, actor, id, input)).value);
  }

  delete(actor: Actor, id: string): Promise<TenantPriceRecord> {
    return this.database.run(actor.tenantId, (tx) => this.deleteIn(tx, actor, id));
  }

  /**
   * @throws AppError insufficient_role, invalid_value, conflict where the model has a price from the same moment on, or the
   * tenant too many.
   */
  async createIn(tx: Transaction, actor: Actor, input: CreateTenantPriceRequest): Promise<TenantPriceRecord> {
    refuseMembers(actor);
    const { tenantId } = actor;
    const { connection, model, valid_from: validFrom, amounts, markup_per_mille: markupPerMille } = input;
    const values = { currency: amounts === null ? null : input.currency, amounts, markupPerMille };
    refuseNothing(values);
    const connectionId = await this.repository.holdConnection(tx, tenantId, connection);
    if (connectionId === undefined) {
      throw new AppError('invalid_value', { param: 'connection', message: `The tenant has no connection "${connection}".` });
    }
    if ((await this.repository.count(tx, tenantId)) >= maxPrices)
      throw new AppError('conflict', { message: `A tenant has at most ${maxPrices} prices of its own.` });
    const priced = { connectionId, model, validFrom: momentOf(validFrom) };
    const created = await writing('tenant_price', () => this.repository.insert(tx, tenantId, priced, values), priceName(input));
    const { tenant: _tenant, ...changes } = input;
    await this.audit.record(tx, actor, { action: 'create', kind: 'tenant_price', objectId: created.id, changes });
    return created;
  }

  /** @throws AppError insufficient_role, not_found, invalid_value where nothing would be left. */
  async updateIn(
    tx: Transaction,
    actor: Actor,
    id: string,
    { tenant: _tenant, ...input }: UpdateTenantPriceRequest,
  ): Promise<{ changed: boolean; value: TenantPriceRecord }> {
    refuseMembers(actor);
    await this.repository.lock(tx, actor.tenantId, id);
    const { currency, amounts, markupPerMille, ...current } = await this.findIn(tx, actor, id);
    const before = { currency, amounts, markupPerMille };
    const left = input.amounts === undefined ? amounts : input.amounts;
    const values = {
      currency: left === null ? null : (input.currency ?? currency ?? 'USD'),
      amounts: left,
      markupPerMille: input.markup_per_mille === undefined ? markupPerMille : input.markup_per_mille,
    };
    refuseNothing(values);
    if (isDeepStrictEqual(values, before)) return { changed: false, value: { ...current, ...before } };
    const value = await this.repository.update(tx, actor.tenantId, id, values);
    const changed = beforeAndAfter(audited({ ...current, ...before }), audited(value));
    await this.audit.record(tx, actor, { action: 'update', kind: 'tenant_price', objectId: id, ...changed });
    return { changed: true, value };
  }

  /** @throws AppError insufficient_role, not_found. */
  async deleteIn(tx: Transaction, actor: Actor, id: string): Promise<TenantPriceRecord> {
    refuseMembers(actor);
    await this.repository.lock(tx, actor.tenantId, id);
    const price = await this.findIn(tx, actor, id);
    await this.repository.delete(tx, actor.tenantId, id);
    const { connection, model } = price;
    const entry = { kind: 'tenant_price', objectId: id, changes: { connection, model }, before: audited(price) };
    await this.audit.record(tx, actor, { action: 'delete', ...entry });
    return price;
  }

  private async findIn(tx: Transaction, { tenantId }: Actor, id: string): Promise<TenantPriceRecord> {
    const found = await this.repository.find(tx, tenantId, id);
    if (found === undefined) throw new AppError('not_found', { message: 'No such price.' });
    return found;
  }
}

function audited(price: TenantPriceRecord): AuditedFields {
  return auditedFields(price, ['connection', 'model', 'validFrom', 'currency', 'amounts', 'markupPerMille']);
}

/** An owner hands in files too. */
function refuseMembers({ role }: Actor): void {
  if (role !== 'operator') {
    throw new AppError('insufficient_role', { message: "Only operators of the platform may set a tenant's prices." });
  }
}

function refuseNothing({ amounts, markupPerMille }: Pick<TenantPriceRecord, 'amounts' | 'markupPerMille'>): void {
  if (amounts !== null || markupPerMille !== null) return;
  throw new AppError('invalid_value', { param: 'amounts', message: "Give 'amounts', 'markup_per_mille' or both." });
}
