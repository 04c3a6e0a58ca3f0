import { Injectable } from '@nestjs/common';
import type { BudgetWindow } from '../../contracts/budgets.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { BudgetRow } from './budget-book.js';

/** All that says which of a tenant's calls are counted by what, and the database's time, in milliseconds since 1970. */
export interface TenantBudgets {
  readonly timeZone: string;
  readonly nowMs: number;
  readonly budgets: readonly BudgetRow[];
}

interface Row extends Omit<BudgetRow, 'window'> {
  readonly window: string;
}

/** Reads a tenant's budgets in one transaction. */
@Injectable()
export class BudgetDirectoryRepository {
  constructor(private readonly database: TenantDatabase) {}

  /** Undefined when there is no such tenant. */
  async read(tenantId: string): Promise<TenantBudgets | undefined> {
    return this.database.run(tenantId, async (tx) => {
      const [tenant] = await tx.$queryRaw<{ timeZone: string; nowMs: number }[]>`
        select time_zone as "timeZone", (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs"
          from tenants where id = ${tenantId}`;
      if (tenant === undefined) return undefined;
      // A key that links another one calls on its account too.
      const rows = await tx.$queryRaw<Row[]>`
        select b.id, e.name as endpoint, b.span as window, b.currency, b.amount::float8 as amount, b.hard, b.unpriced,
               (extract(epoch from b.updated_at) * 1000)::float8 as "epochMs",
               case when b.key_id is not null then
                 (select array_agg(k.id) from keys k
                   where k.tenant_id = ${tenantId} and b.key_id in (k.id, k.inference_key_id, k.upload_key_id)) end as "keyIds"
          from budgets b left join endpoints e on e.tenant_id = b.tenant_id and e.id = b.endpoint_id
         where b.tenant_id = ${tenantId} order by b.id`;
      return { ...tenant, budgets: rows.map((row) => ({ ...row, window: row.window as BudgetWindow })) };
    });
  }
}
