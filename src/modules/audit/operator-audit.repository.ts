import { Injectable } from '@nestjs/common';
import type { ListOperatorAuditQuery } from '../../contracts/audit.js';
import type { RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { OperatorAudit } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

import { auditWhere } from './audit-where.js';

/** Reads the audit of what belongs to no tenant. */
@Injectable()
export class OperatorAuditRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** Opens a transaction of the platform, which may write there. */
  async change<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.database.run(work);
  }

  async list(query: ListOperatorAuditQuery): Promise<RowPage<OperatorAudit>> {
    const filter = { ...auditWhere(query), inTenant: query.tenant_id };
    return this.database.run((transaction) =>
      readPage(query, {
        find: (id) => transaction.operatorAudit.findFirst({ where: { id } }),
        list: (page) =>
          transaction.operatorAudit.findMany({ where: { ...filter, ...page.where }, orderBy: page.orderBy, take: page.take }),
      }),
    );
  }
}
