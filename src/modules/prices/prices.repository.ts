import { Injectable } from '@nestjs/common';
import type { RowPage } from '../../contracts/lists.js';
import type { ListPricesQuery } from '../../contracts/prices.js';
import { newId } from '../../kernel/ids.js';
import { readPage } from '../../platform/database/cursor.js';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { priceRecord, type PriceRecord } from './price-record.js';

export interface PriceValues {
  readonly currency: string;
  readonly amounts: object;
  readonly origin: PriceRecord['origin'];
}

/** What a price is of. */
export interface PricedModel {
  readonly provider: string;
  readonly model: string;
  readonly validFrom: Date;
}

/** The rows of providers' prices, which belong to no tenant. */
@Injectable()
export class PricesRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Opens the one transaction of a change and its audit. */
  async change<T>(work: (tx: Transaction) => Promise<T>, timeoutMs?: number): Promise<T> {
    return this.database.run(work, timeoutMs);
  }

  async list(query: ListPricesQuery): Promise<RowPage<PriceRecord>> {
    const { provider, model, origin } = query;
    const { rows, hasMore } = await this.database.run((tx) =>
      readPage(query, {
        find: (id) => tx.price.findUnique({ where: { id } }),
        list: (page) =>
          tx.price.findMany({
            where: { provider, model, origin, ...page.where },
            orderBy: page.orderBy,
            take: page.take,
          }),
      }),
    );
    return { rows: rows.map(priceRecord), hasMore };
  }

  /** All of them, the oldest first. */
  async all(tx: Transaction): Promise<PriceRecord[]> {
    return (await tx.price.findMany({ orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })).map(priceRecord);
  }

  async count(tx: Transaction): Promise<number> {
    return tx.price.count();
  }

  async find(tx: Transaction, id: string): Promise<PriceRecord | undefined> {
    const row = await tx.price.findUnique({ where: { id } });
    return row === null ? undefined : priceRecord(row);
  }

  /** Makes every other change of the row wait until the transaction ends. */
  async lock(tx: Transaction, id: string): Promise<void> {
    await tx.$queryRaw`select id from prices where id = ${id} for update`;
  }

  async insert(tx: Transaction, priced: PricedModel, values: PriceValues): Promise<PriceRecord> {
    return priceRecord(await tx.price.create({ data: { id: newId('price'), ...priced, ...values } }));
  }

  async update(tx: Transaction, id: string, values: PriceValues): Promise<PriceRecord> {
    return priceRecord(await tx.price.update({ where: { id }, data: values }));
  }

  async delete(tx: Transaction, id: string): Promise<void> {
    await tx.price.deleteMany({ where: { id } });
  }
}
