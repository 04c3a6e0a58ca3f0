import { Injectable } from '@nestjs/common';
import type { ConnectionHabits } from '../../contracts/connection-habits.js';
import type { ConnectionLimits } from '../../contracts/connection-limits.js';
import type { TuningSettings } from '../../contracts/connection-tuning.js';
import type { ConnectionOptions, ListConnectionsQuery } from '../../contracts/connections.js';
import type { RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { ConnectionRecord } from './connection-record.js';
import type { LearnedBatchColumns } from './learned-batch.js';

const withTenant = { tenant: { select: { slug: true } }, login: true } as const;

export interface ConnectionValues extends Partial<LearnedBatchColumns>, TuningSettings {
  readonly name: string;
  readonly baseUrl: string;
  readonly wire: string;
  readonly authMode: string;
  readonly secret: Uint8Array<ArrayBuffer> | null;
  readonly options: ConnectionOptions;
  readonly habits: ConnectionHabits;
  readonly limits: ConnectionLimits;
  readonly embeddingBatchSize: number | null;
  readonly headers: Uint8Array<ArrayBuffer> | null;
  readonly headerNames: string[];
  readonly furtherTokens: Uint8Array<ArrayBuffer> | null;
  readonly furtherTokenCount: number;
  readonly proxyUrl: string | null;
  readonly proxySecret: Uint8Array<ArrayBuffer> | null;
  readonly ca: string | null;
}

/** The rows of a tenant's connections. */
@Injectable()
export class ConnectionsRepository {
  async list(transaction: Transaction, tenantId: string, query: ListConnectionsQuery): Promise<RowPage<ConnectionRecord>> {
    const filter = { tenantId, name: query.name, wire: query.wire };
    return readPage(query, {
      find: (id) => transaction.connection.findFirst({ where: { tenantId, id } }),
      list: (page) =>
        transaction.connection.findMany({
          where: { ...filter, ...page.where },
          include: withTenant,
          orderBy: page.orderBy,
          take: page.take,
        }),
    });
  }

  async find(transaction: Transaction, tenantId: string, id: string): Promise<ConnectionRecord | null> {
    return transaction.connection.findFirst({ where: { tenantId, id }, include: withTenant });
  }

  /** The connection of this name, which is neither renamed nor deleted until the transaction ends. */
  async holdByName(transaction: Transaction, tenantId: string, name: string): Promise<ConnectionRecord | null> {
    await transaction.$queryRaw`select id from connections where tenant_id = ${tenantId} and name = ${name} for key share`;
    return transaction.connection.findFirst({ where: { tenantId, name }, include: withTenant });
  }

  /** The row as it stays until the transaction ends: nobody else changes it meanwhile. */
  async lock(transaction: Transaction, tenantId: string, id: string): Promise<ConnectionRecord | null> {
    await transaction.$queryRaw`select id from connections where tenant_id = ${tenantId} and id = ${id} for update`;
    return this.find(transaction, tenantId, id);
  }

  async insert(transaction: Transaction, tenantId: string, id: string, values: ConnectionValues): Promise<ConnectionRecord> {
    return transaction.connection.create({ data: { tenantId, id, ...values }, include: withTenant });
  }

  async update(transaction: Transaction, tenantId: string, id: string, values: ConnectionValues): Promise<ConnectionRecord> {
    return transaction.connection.update({ where: { tenantId_id: { tenantId, id } }, data: values, include: withTenant });
  }

  async delete(transaction: Transaction, tenantId: string, id: string): Promise<void> {
    await transaction.connection.delete({ where: { tenantId_id: { tenantId, id } } });
  }
}
