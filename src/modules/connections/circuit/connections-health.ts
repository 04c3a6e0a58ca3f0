import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import type { BreakerState } from './breaker.js';
import { healthOfAll, type ConnectionHealth } from './connection-health.js';

interface HealthRow {
  readonly id: string;
  readonly state: BreakerState;
  readonly retryAt: Date | null;
  readonly calls: number;
  readonly failures: number;
  readonly failureCode: string | null;
  readonly failedAt: Date | null;
}

/** How connections fare in all processes that live. */
@Injectable()
export class ConnectionsHealth {
  constructor(private readonly database: TenantDatabase) {}

  /** By the connections' ids; those of which nothing is known are left out. */
  async of(tenantId: string, ids: readonly string[]): Promise<ReadonlyMap<string, ConnectionHealth>> {
    // A process that has written nothing for so long lives no more.
    const rows = await this.database.run(
      tenantId,
      (transaction) => transaction.$queryRaw<HealthRow[]>`
        select id, state, retry_at as "retryAt", calls, failures, failure_code as "failureCode", failed_at as "failedAt"
          from connection_health
         where tenant_id = ${tenantId} and id = any(${[...ids]}) and written_at > now() - interval '2 minutes'`,
    );
    const byId = new Map<string, ConnectionHealth[]>();
    for (const { id, state, retryAt, calls, failures, failureCode, failedAt } of rows) {
      const lastFailure = failureCode === null || failedAt === null ? null : { code: failureCode, atMs: failedAt.getTime() };
      const health = { state, retryAtMs: retryAt?.getTime() ?? null, calls, failures, lastFailure };
      byId.set(id, [...(byId.get(id) ?? []), health]);
    }
    return new Map([...byId].map(([id, each]) => [id, healthOfAll(each)]));
  }
}
