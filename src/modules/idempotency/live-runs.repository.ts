import { Injectable } from '@nestjs/common';
import { PlatformDatabase } from '../../platform/database/platform-database.js';
import type { OwnedRun } from './stored-answer.js';

/** A row that a transaction has locked is being claimed or ended: nobody waits for it. */
const touch = `
  update idempotent_requests as r set alive_at = now()
    from (select own.tenant_id, own.key_id, own.id from idempotent_requests own
            join unnest($1::text[], $2::text[], $3::text[], $4::text[]) as given (tenant_id, key_id, id, owner)
              using (tenant_id, key_id, id, owner)
           where own.state = 'running' for update of own skip locked) as mine
   where r.tenant_id = mine.tenant_id and r.key_id = mine.key_id and r.id = mine.id`;

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
