import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { OwnedRun } from './stored-answer.js';

const touch = `
  update idempotent_requests as r set alive_at = now()
    from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as given (tenant_id, key_id, id, owner)
   where r.tenant_id = given.tenant_id and r.key_id = given.key_id and r.id = given.id and r.owner = given.owner and r.state = 'running'`;

/** The sign of life of all runs of a process, of whatever tenant, in one statement. */
@Injectable()
export class LiveRunsRepository {
  constructor(private readonly database: PlatformDatabase) {}

  async touch(runs: readonly OwnedRun[]): Promise<void> {
    const column = (name: keyof OwnedRun): string[] => runs.map((run) => run[name]);
    await this.database.runSql((client) =>
      client.query(touch, [column('tenantId'), column('keyId'), column('id'), column('owner')]),
    );
  }
}
