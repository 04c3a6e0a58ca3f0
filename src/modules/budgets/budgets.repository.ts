import { Injectable } from '@nestjs/common';
import type { BudgetWindow, ListBudgetsQuery } from '../../contracts/budgets.js';
import type { RowPage } from '../../contracts/lists.js';
import { newId } from '../../kernel/ids.js';
import { readPage } from '../../platform/database/cursor.js';
import type { Prisma } from '../../platform/database/generated/client.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { budgetRecord, withSubject, type BudgetRecord, type BudgetTerms } from './budget-record.js';
import type { PeriodSums } from './budget-standing.js';

/** What never changes of a budget. */
export interface BudgetKind {
  readonly keyId: string | null;
  readonly endpointId: string | null;
  readonly window: BudgetWindow;
  readonly currency: string | null;
}

const subjects = {
  tenant: { keyId: null, endpointId: null },
  key: { keyId: { not: null } },
  endpoint: { endpointId: { not: null } },
} as const satisfies Record<string, Prisma.BudgetWhereInput>;

const oldestFirst = (): Prisma.BudgetOrderByWithRelationInput[] => [{ createdAt: 'asc' }, { id: 'asc' }];

/** The rows of a tenant's budgets. What is counted of them is written by others, and only read here. */
@Injectable()
export class BudgetsRepository {
  async list(tx: Transaction, tenantId: string, query: ListBudgetsQuery): Promise<RowPage<BudgetRecord>> {
    const { subject, key, endpoint, window } = query;
    const conditions = [
      subject === undefined ? {} : subjects[subject],
      key === undefined ? {} : { key: { OR: [{ id: key }, { name: key }] } },
      endpoint === undefined ? {} : { endpoint: { name: endpoint } },
    ];
    const { rows, hasMore } = await readPage(query, {
      find: (id) => tx.budget.findFirst({ where: { tenantId, id } }),
      list: (page) =>
        tx.budget.findMany({
          where: { tenantId, window, AND: [...conditions, page.where] },
          include: withSubject,
          orderBy: page.orderBy,
          take: page.take,
        }),
    });
    return { rows: rows.map(budgetRecord), hasMore };
  }

  /** All of them, the oldest first. */
  async all(tx: Transaction, tenantId: string): Promise<BudgetRecord[]> {
    return (await tx.budget.findMany({ where: { tenantId }, include: withSubject, orderBy: oldestFirst() })).map(budgetRecord);
  }

  /** Those that count calls of these keys, of these published names and of the whole tenant. */
  async counting(
    tx: Transaction,
    tenantId: string,
    { keyIds, endpoints }: { readonly keyIds: readonly string[]; readonly endpoints: readonly string[] },
  ): Promise<BudgetRecord[]> {
    const ofSome = [{ keyId: { in: [...keyIds] } }, { endpoint: { name: { in: [...endpoints] } } }];
    const where = { tenantId, OR: [subjects.tenant, ...ofSome] };
    return (await tx.budget.findMany({ where, include: withSubject, orderBy: oldestFirst() })).map(budgetRecord);
  }

  async count(tx: Transaction, tenantId: string): Promise<number> {
    return tx.budget.count({ where: { tenantId } });
  }

  async find(tx: Transaction, tenantId: string, id: string): Promise<BudgetRecord | undefined> {
    const row = await tx.budget.findFirst({ where: { tenantId, id }, include: withSubject });
    return row === null ? undefined : budgetRecord(row);
  }

  /** Makes every other change of the row wait until the transaction ends. */
  async lock(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.$queryRaw`select id from budgets where tenant_id = ${tenantId} and id = ${id} for update`;
  }

  /** Whether the tenant has a key with this id or name, revoked ones too. */
  async hasKey(tx: Transaction, tenantId: string, idOrName: string): Promise<boolean> {
    return (await tx.key.findFirst({ where: { tenantId, OR: [{ id: idOrName }, { name: idOrName }] } })) !== null;
  }

  /** The id of the tenant's key of this id or, when no key has it as its id, of this name; undefined for none that lives. */
  async keyId(tx: Transaction, tenantId: string, idOrName: string): Promise<string | undefined> {
    const where = { tenantId, state: { not: 'revoked' }, OR: [{ id: idOrName }, { name: idOrName }] };
    const ids = (await tx.key.findMany({ where, select: { id: true } })).map(({ id }) => id);
    return ids.find((id) => id === idOrName) ?? ids[0];
  }

  /** The id of what the tenant has published under this name. */
  async endpointId(tx: Transaction, tenantId: string, name: string): Promise<string | undefined> {
    return (await tx.endpoint.findFirst({ where: { tenantId, name }, select: { id: true } }))?.id;
  }

  async timeZone(tx: Transaction, tenantId: string): Promise<string> {
    return (await tx.tenant.findUniqueOrThrow({ where: { id: tenantId }, select: { timeZone: true } })).timeZone;
  }

  /** What is counted of periods, by the ids of their budgets, all at one moment. Those in which no call was made are not among them. */
  async sums(
    tx: Transaction,
    tenantId: string,
    periods: readonly { readonly budgetId: string; readonly startsAt: Date }[],
  ): Promise<ReadonlyMap<string, PeriodSums>> {
    const ids = periods.map(({ budgetId }) => budgetId);
    const starts = periods.map(({ startsAt }) => startsAt.toISOString());
    const rows = await tx.$queryRaw<({ readonly id: string } & PeriodSums)[]>`
      select budget_id as id, (p.settled + held.assumed)::float8 as spent, held.assumed::float8 as assumed, held.open::float8 as reserved
        from budget_periods p cross join lateral (
               select coalesce(sum(greatest(s.held - s.settled, 0)) filter (where s.state = 'open'), 0) as open,
                      coalesce(sum(greatest(s.held - s.settled, 0)) filter (where s.state = 'assumed'), 0) as assumed
                 from budget_slices s
                where s.tenant_id = p.tenant_id and s.budget_id = p.budget_id and s.starts_at = p.starts_at and s.state <> 'closed') held
             join unnest(${ids}::text[], ${starts}::timestamptz[]) as asked (budget_id, starts_at)
             using (budget_id, starts_at)
       where p.tenant_id = ${tenantId}`;
    return new Map(rows.map(({ id, ...sums }) => [id, sums]));
  }

  async insert(tx: Transaction, tenantId: string, kind: BudgetKind, terms: BudgetTerms): Promise<BudgetRecord> {
    const data = { tenantId, id: newId('budget'), ...kind, ...terms };
    return budgetRecord(await tx.budget.create({ data, include: withSubject }));
  }

  async update(tx: Transaction, tenantId: string, id: string, terms: BudgetTerms): Promise<BudgetRecord> {
    const where = { tenantId_id: { tenantId, id } };
    return budgetRecord(await tx.budget.update({ where, data: terms, include: withSubject }));
  }

  async delete(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.budget.deleteMany({ where: { tenantId, id } });
  }
}
