import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { OperatorActor } from '../../catalog/admin/admin-identity.js';
import type { RowPage } from '../../contracts/lists.js';
import { priceName, type CreatePriceRequest, type ListPricesQuery, type UpdatePriceRequest } from '../../contracts/prices.js';
import { AppError } from '../../kernel/app-error.js';
import { writing } from '../../platform/database/prisma-errors.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { auditedFields, beforeAndAfter, type AuditedFields } from '../audit/before-and-after.js';
import { OperatorAuditWriter } from '../audit/operator-audit-writer.js';
import { momentOf, type PriceRecord } from './price-record.js';
import { PricesRepository } from './prices.repository.js';

/** Each process keeps them all in memory. */
const maxPrices = 20_000;

/** What providers take, for the whole platform. Operators set it; everyone may read it. */
@Injectable()
export class PricesService {
  constructor(
    private readonly repository: PricesRepository,
    private readonly audit: OperatorAuditWriter,
  ) {}

  list(query: ListPricesQuery): Promise<RowPage<PriceRecord>> {
    return this.repository.list(query);
  }

  /** Runs several changes in one transaction, with what says "In". */
  change<T>(work: (tx: Transaction) => Promise<T>, timeoutMs?: number): Promise<T> {
    return this.repository.change(work, timeoutMs);
  }

  /** All of them, the oldest first. */
  allIn(tx: Transaction): Promise<PriceRecord[]> {
    return this.repository.all(tx);
  }

  /** @throws AppError not_found. */
  get(id: string): Promise<PriceRecord> {
    return this.repository.change((tx) => this.findIn(tx, id));
  }

  create(actor: OperatorActor, input: CreatePriceRequest): Promise<PriceRecord> {
    return this.repository.change((tx) => this.createIn(tx, actor, input));
  }

  update(actor: OperatorActor, id: string, input: UpdatePriceRequest): Promise<PriceRecord> {
    return this.repository.change((tx) => this.updateIn(tx, actor, id, input));
  }

  delete(actor: OperatorActor, id: string): Promise<PriceRecord> {
    return this.repository.change((tx) => this.deleteIn(tx, actor, id));
  }

  /**
   * @param origin whether somebody says the price, or a list does.
   * @throws AppError conflict where the model has a price from the same moment on, or the platform too many.
   */
  async createIn(
    tx: Transaction,
    actor: OperatorActor,
    price: CreatePriceRequest,
    origin: PriceRecord['origin'] = 'own',
  ): Promise<PriceRecord> {
    const { provider, model, valid_from: validFrom, currency, amounts } = price;
    if ((await this.repository.count(tx)) >= maxPrices)
      throw new AppError('conflict', { message: `The platform has at most ${maxPrices} prices.` });
    const priced = { provider, model, validFrom: momentOf(validFrom) };
    const created = await writing(
      'price',
      () => this.repository.insert(tx, priced, { currency, amounts, origin }),
      priceName(price),
    );
    await this.audit.record(tx, actor, {
      action: 'create',
      kind: 'price',
      objectId: created.id,
      changes: { provider, model, valid_from: validFrom, currency, amounts, origin },
    });
    return created;
  }

  /** A change that changes nothing leaves the price as the list's. @throws AppError not_found. */
  async updateIn(
    tx: Transaction,
    actor: OperatorActor,
    id: string,
    input: UpdatePriceRequest,
    origin: PriceRecord['origin'] = 'own',
  ): Promise<PriceRecord> {
    await this.repository.lock(tx, id);
    const current = await this.findIn(tx, id);
    const { currency = current.currency, amounts = current.amounts } = input;
    if (currency === current.currency && isDeepStrictEqual(amounts, current.amounts)) return current;
    const changed = await this.repository.update(tx, id, { currency, amounts, origin });
    const differs = beforeAndAfter(audited(current), audited(changed), ['origin']);
    await this.audit.record(tx, actor, { action: 'update', kind: 'price', objectId: id, ...differs });
    return changed;
  }

  /** @throws AppError not_found. */
  async deleteIn(tx: Transaction, actor: OperatorActor, id: string): Promise<PriceRecord> {
    await this.repository.lock(tx, id);
    const price = await this.findIn(tx, id);
    await this.repository.delete(tx, id);
    const { provider, model, currency, amounts } = price;
    const changes = { provider, model, currency, amounts };
    const before = audited(price);
    await this.audit.record(tx, actor, { action: 'delete', kind: 'price', objectId: id, changes, before });
    return price;
  }

  private async findIn(tx: Transaction, id: string): Promise<PriceRecord> {
    const found = await this.repository.find(tx, id);
    if (found === undefined) throw new AppError('not_found', { message: 'No such price.' });
    return found;
  }
}

function audited(price: PriceRecord): AuditedFields {
  return auditedFields(price, ['provider', 'model', 'validFrom', 'currency', 'amounts', 'origin']);
}
