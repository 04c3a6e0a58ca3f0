import { Injectable } from '@nestjs/common';
import type { ListAuditQuery } from '../../contracts/audit.js';
import type { RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Audit } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

import { auditWhere } from './audit-where.js';

/** Reads a tenant's audit rows. */
@Injectable()
export class AuditRepository {
  async list(transaction: Transaction, tenantId: string, query: ListAuditQuery): Promise<RowPage<Audit>> {
    const filter = { tenantId, ...auditWhere(query) };
    return readPage(query, {
      find: (id) => transaction.audit.findFirst({ where: { tenantId, id } }),
      list: (page) => transaction.audit.findMany({ where: { ...filter, ...page.where }, orderBy: page.orderBy, take: page.take }),
    });
  }
}
