import { Injectable } from '@nestjs/common';
import type { RowPage } from '../../contracts/lists.js';
import type { ListTenantPricesQuery } from '../../contracts/prices.js';
import { newId } from '../../kernel/ids.js';
import { readPage } from '../../platform/database/cursor.js';
import { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { tenantPriceRecord, type TenantPriceRecord } from './price-record.js';

const withConnection = { connection: { select: { name: true } } } as const;

export type TenantPriceValues = Pick<TenantPriceRecord, 'currency' | 'amounts' | 'markupPerMille'>;

/** What a tenant's price is of. */
export interface PricedConnection {
  readonly connectionId: string;
  readonly model: string;
  readonly validFrom: Date;
}

/** The rows of a tenant's own prices. */
@Injectable()
export class TenantPricesRepository {
  async list(tx: Transaction, tenantId: string, query: ListTenantPricesQuery): Promise<RowPage<TenantPriceRecord>> {
    const { connection: name, model } = query;
    const ofConnection = name === undefined ? {} : { connection: { name } };
    const { rows, hasMore } = await readPage(query, {
      find: (id) => tx.tenantPrice.findFirst({ where: { tenantId, id } }),
      list: (page) =>
        tx.tenantPrice.findMany({
          where: { tenantId, model, ...ofConnection, ...page.where },
          include: withConnection,
          orderBy: page.orderBy,
          take: page.take,
        }),
    });
    return { rows: rows.map(tenantPriceRecord), hasMore };
  }

  /** All of them, the oldest first. */
  async all(tx: Transaction, tenantId: string): Promise<TenantPriceRecord[]> {
    const orderBy = [{ createdAt: 'asc' }, { id: 'asc' }] as const;
    const rows = await tx.tenantPrice.findMany({ where: { tenantId }, include: withConnection, orderBy: [...orderBy] });
    return rows.map(tenantPriceRecord);
  }

  async count(tx: Transaction, tenantId: string): Promise<number> {
    return tx.tenantPrice.count({ where: { tenantId } });
  }

  async find(tx: Transaction, tenantId: string, id: string): Promise<TenantPriceRecord | undefined> {
    const row = await tx.tenantPrice.findFirst({ where: { tenantId, id }, include: withConnection });
    return row === null ? undefined : tenantPriceRecord(row);
  }

  /** Makes every other change of the row wait until the transaction ends. */
  async lock(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.$queryRaw`select id from tenant_prices where tenant_id = ${tenantId} and id = ${id} for update`;
  }

  /** The id of the tenant's connection of this name, which stays until the transaction ends; undefined when there is none. */
  async holdConnection(tx: Transaction, tenantId: string, name: string): Promise<string | undefined> {
    const [row] = await tx.$queryRaw<{ id: string }[]>`
      select id from connections where tenant_id = ${tenantId} and name = ${name} for key share`;
    return row?.id;
  }

  async insert(
    tx: Transaction,
    tenantId: string,
    priced: PricedConnection,
    values: TenantPriceValues,
  ): Promise<TenantPriceRecord> {
    const data = { tenantId, id: newId('tenantPrice'), ...priced, ...columns(values) };
    return tenantPriceRecord(await tx.tenantPrice.create({ data, include: withConnection }));
  }

  async update(tx: Transaction, tenantId: string, id: string, values: TenantPriceValues): Promise<TenantPriceRecord> {
    const where = { tenantId_id: { tenantId, id } };
    return tenantPriceRecord(await tx.tenantPrice.update({ where, data: columns(values), include: withConnection }));
  }

  async delete(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.tenantPrice.deleteMany({ where: { tenantId, id } });
  }
}

function columns({ currency, amounts, markupPerMille }: TenantPriceValues) {
  return { currency, amounts: amounts ?? Prisma.DbNull, markupPerMille };
}
