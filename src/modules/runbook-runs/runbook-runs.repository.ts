import { Injectable } from '@nestjs/common';
import type { Evidence } from '../../catalog/runbooks/evidence-hash.js';
import type { ListRunbookRunsQuery } from '../../contracts/runbook-runs.js';
import type { RowPage } from '../../contracts/lists.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { RunbookRunPlace, RunbookRunRecord, RunbookRunRow } from './runbook-run-record.js';

export type NewRunbookRun = Omit<Prisma.RunbookRunUncheckedCreateInput, 'tenantId' | 'id'>;

/** A tenant's runs of runbooks. What workers write stands in runbook-claims.repository. */
@Injectable()
export class RunbookRunsRepository {
  find(tx: Transaction, { tenantId, id }: RunbookRunPlace): Promise<RunbookRunRecord | null> {
    return tx.runbookRun.findFirst({ where: { tenantId, id } });
  }

  list(tx: Transaction, tenantId: string, { runbook, ...query }: ListRunbookRunsQuery): Promise<RowPage<RunbookRunRow>> {
    const filter = runbook === undefined ? {} : { runbook };
    return readPage<RunbookRunRow>(query, {
      find: (id) => tx.runbookRun.findFirst({ where: { tenantId, id }, select: { id: true, createdAt: true } }),
      list: ({ where, orderBy, take }) =>
        tx.runbookRun.findMany({
          where: { tenantId, ...where, ...filter },
          orderBy,
          take,
          omit: { steps: true, result: true },
        }),
    });
  }

  /** How many of the tenant have not ended; the number holds until the transaction ends. */
  async unfinished(tx: Transaction, tenantId: string): Promise<number> {
    await tx.$queryRaw`select pg_advisory_xact_lock(hashtextextended(${`runbook runs ${tenantId}`}, 0))::text`;
    return tx.runbookRun.count({ where: { tenantId, finishedAt: null } });
  }

  insert(tx: Transaction, { tenantId, id }: RunbookRunPlace, values: NewRunbookRun): Promise<RunbookRunRecord> {
    return tx.runbookRun.create({ data: { tenantId, id, ...values } });
  }

  /** Removes what has ended of a product beyond its newest runs. The last one that passed is evidence, and stays. */
  async trim(tx: Transaction, tenantId: string, runbook: string, kept: number): Promise<void> {
    await tx.$executeRaw`
      delete from runbook_runs r where tenant_id = ${tenantId} and finished_at is not null
         and id in (select id from runbook_runs where tenant_id = ${tenantId} and runbook = ${runbook}
                     order by created_at desc, id desc offset ${kept})
         and not (outcome is not distinct from 'pass' and not exists (select from runbook_runs n where n.tenant_id = r.tenant_id
               and n.runbook = r.runbook and n.outcome = 'pass' and n.finished_at > r.finished_at))`;
  }

  /** Of each product the last run that passed. */
  async evidence(tx: Transaction, tenantId: string): Promise<Evidence[]> {
    return tx.$queryRaw<Evidence[]>`
      select distinct on (runbook) runbook as slug, sha256, 'emulator' as way, true as "ofTenant",
             to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD') as date
        from runbook_runs where tenant_id = ${tenantId} and outcome = 'pass' order by runbook, finished_at desc`;
  }
}
