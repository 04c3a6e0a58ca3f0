import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { CircuitRow } from '../connections/circuit/connection-circuits.js';
import type { SealedConnection } from '../connections/connection-secrets.js';
import type { WayColumns } from '../connections/connection-ways.js';
import type { EndpointRow } from './published-endpoint.js';
import type { ConnectionRow } from './connection-target.js';

/** Reads all that a tenant has published, and its connections, in one transaction. */
@Injectable()
export class EndpointDirectoryRepository {
  constructor(private readonly database: TenantDatabase) {}

  async readAll(
    tenantId: string,
  ): Promise<{ endpoints: EndpointRow[]; connections: (ConnectionRow & SealedConnection & CircuitRow & WayColumns)[] }> {
    return this.database.run(tenantId, async (transaction) => ({
      endpoints: await transaction.endpoint.findMany({
        where: { tenantId },
        include: { revision: { select: { spec: true, datasetIds: true } } },
      }),
      connections: await transaction.connection.findMany({ where: { tenantId } }),
    }));
  }
}
