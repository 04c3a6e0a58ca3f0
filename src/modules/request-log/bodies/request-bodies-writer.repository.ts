import { Injectable } from '@nestjs/common';
import { timeOfId } from '../../../kernel/ids.js';
import { PlatformDatabase } from '../../../platform/database/platform-database.js';
import { RequestDaysRepository } from '../request-days.repository.js';

/** The sealed bodies of one call. */
export interface SealedBodies {
  readonly tenantId: string;
  /** The request id. */
  readonly id: string;
  readonly content: Buffer;
}

/** A tenant may have switched it off meanwhile, or be gone: its bodies are left out. */
const insertBodies = `
  with given as materialized (
    select tenant_id, id, to_timestamp(ms / 1000) as created_at, content
      from unnest($1::text[], $2::text[], $3::float8[], $4::bytea[]) as one (tenant_id, id, ms, content)),
  living as materialized (
    select id as living_id from tenants where id in (select tenant_id from given) and request_body_days is not null
     order by id for key share)
  insert into request_bodies (tenant_id, id, created_at, content)
  select tenant_id, id, created_at, content from given join living on living_id = tenant_id
  on conflict do nothing`;

/** Writes the bodies of calls of all tenants. */
@Injectable()
export class RequestBodiesWriter {
  constructor(
    private readonly database: PlatformDatabase,
    private readonly days: RequestDaysRepository,
  ) {}

  /** Writes all of them. @throws Error of the database; then none is written. */
  async write(bodies: readonly SealedBodies[]): Promise<void> {
    const times = bodies.map(({ id }) => timeOfId('request', id) ?? 0);
    await this.days.inDays('bodies', Math.min(...times), Math.max(...times), () =>
      this.database.runSql(async (client) => {
        await client.query('set local statement_timeout = 10000; set local lock_timeout = 1000');
        await client.query(insertBodies, [
          bodies.map(({ tenantId }) => tenantId),
          bodies.map(({ id }) => id),
          times,
          bodies.map(({ content }) => content),
        ]);
      }),
    );
  }
}
