import { Injectable } from '@nestjs/common';
import type { ListOperatorAuditQuery } from '../../contracts/audit.js';
import type { RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { OperatorAudit } from '../../platform/database/generated/client.js';
import { PlatformDatabase } from '../../platform/database/platform-database.js';

/** Reads the audit of what belongs to no tenant. */
@Injectable()
export class OperatorAuditRepository {
  constructor(private readonly database: PlatformDatabase) {}

  async list(query: ListOperatorAuditQuery): Promise<RowPage<OperatorAudit>> {
    const filter = { actor: query.actor, action: query.action, kind: query.kind, objectId: query.object_id };
    return this.database.run((transaction) =>
      readPage(query, {
        find: (id) => transaction.operatorAudit.findFirst({ where: { id } }),
        list: (page) =>
          transaction.operatorAudit.findMany({ where: { ...filter, ...page.where }, orderBy: page.orderBy, take: page.take }),
      }),
    );
  }
}
