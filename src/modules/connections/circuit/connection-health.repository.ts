import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';
import type { ConnectionHealth } from './connection-health.js';

/** How a connection fares in one process. */
export interface ConnectionReport {
  readonly tenantId: string;
  readonly id: string;
  readonly health: ConnectionHealth;
}

/** Connections that were deleted meanwhile are left out. */
const write = `
  insert into connection_health as h
         (tenant_id, id, process, state, retry_at, calls, failures, failure_code, failed_at, written_at)
  select tenant_id, id, $1, state, to_timestamp(retry_at), calls, failures, code, to_timestamp(failed_at), now()
    from unnest($2::text[], $3::text[], $4::text[], $5::float8[], $6::int[], $7::int[], $8::text[], $9::float8[])
           as given (tenant_id, id, state, retry_at, calls, failures, code, failed_at)
    join connections using (tenant_id, id)
  on conflict (tenant_id, id, process) do update
     set state = excluded.state, retry_at = excluded.retry_at, calls = excluded.calls, failures = excluded.failures,
         failure_code = excluded.failure_code, failed_at = excluded.failed_at, written_at = excluded.written_at`;

/** What a process tells of its connections, of whatever tenant, in one statement. */
@Injectable()
export class ConnectionHealthRepository {
  constructor(private readonly database: PlatformDatabase) {}

  /** @throws DatabaseAwayError. */
  async write(process: string, reports: readonly ConnectionReport[]): Promise<void> {
    const column = <T>(of: (report: ConnectionReport) => T): T[] => reports.map(of);
    const seconds = (ms: number | null | undefined): number | null => (ms == null ? null : ms / 1000);
    await this.database.runSql((client) =>
      client.query(write, [
        process,
        column(({ tenantId }) => tenantId),
        column(({ id }) => id),
        column(({ health }) => health.state),
        column(({ health }) => seconds(health.retryAtMs)),
        column(({ health }) => health.calls),
        column(({ health }) => health.failures),
        column(({ health }) => health.lastFailure?.code ?? null),
        column(({ health }) => seconds(health.lastFailure?.atMs)),
      ]),
    );
  }
}
