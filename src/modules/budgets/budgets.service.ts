import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import {
  budgetName,
  type CreateBudgetRequest,
  type ListBudgetsQuery,
  type UpdateBudgetRequest,
} from '../../contracts/budgets.js';
import type { RowPage } from '../../contracts/lists.js';
import { budgetNotices } from '../../contracts/notices.js';
import { AppError } from '../../kernel/app-error.js';
import { writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { auditedFields, beforeAndAfter, type AuditedFields } from '../audit/before-and-after.js';
import { PriceDirectory } from '../prices/price-directory.js';
import { currenciesOf } from '../prices/price-terms.js';
import type { BudgetRecord } from './budget-record.js';
import type { StandingBudget } from './budget-standing.js';
import { BudgetsRepository, type BudgetKind } from './budgets.repository.js';
import { RunningPeriods } from './running-periods.js';

/** Each process keeps them all in memory. */
const maxBudgets = 5000;

/** What a tenant's calls may take. This is where budgets are set; what calls take of them is counted elsewhere. */
@Injectable()
export class BudgetsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: BudgetsRepository,
    private readonly periods: RunningPeriods,
    private readonly audit: AuditWriter,
    private readonly prices: PriceDirectory,
  ) {}

  /** @throws AppError invalid_value for a key that the tenant does not have. */
  list({ tenantId }: Actor, query: ListBudgetsQuery): Promise<RowPage<StandingBudget>> {
    return this.database.run(tenantId, async (tx) => {
      const { key } = query;
      if (key !== undefined && !(await this.repository.hasKey(tx, tenantId, key)))
        throw new AppError('invalid_value', { param: 'key', message: 'The tenant has no key with this id or name.' });
      const { rows, hasMore } = await this.repository.list(tx, tenantId, query);
      return { rows: await this.periods.of(tx, tenantId, rows), hasMore };
    });
  }

  /** @throws AppError not_found. */
  get(actor: Actor, id: string): Promise<StandingBudget> {
    return this.database.run(actor.tenantId, async (tx) => this.shown(tx, actor, await this.findIn(tx, actor, id)));
  }

  create(actor: Actor, input: CreateBudgetRequest): Promise<StandingBudget> {
    return this.database.run(actor.tenantId, async (tx) => this.shown(tx, actor, await this.createIn(tx, actor, input)));
  }

  update(actor: Actor, id: string, input: UpdateBudgetRequest): Promise<StandingBudget> {
    return this.database.run(actor.tenantId, async (tx) =>
      this.shown(tx, actor, (await this.updateIn(tx, actor, id, input)).value),
    );
  }

  /** What somebody should know who has made this budget or changed it so. */
  async notices({ tenantId }: Actor, changes: UpdateBudgetRequest, budget: BudgetRecord): Promise<string[]> {
    // The change is made: that prices cannot be read now must not make it look refused.
    const currencies = await this.prices.of(tenantId).then(currenciesOf, () => undefined);
    return budgetNotices(changes, budget, currencies);
  }

  delete(actor: Actor, id: string): Promise<BudgetRecord> {
    return this.database.run(actor.tenantId, (tx) => this.deleteIn(tx, actor, id));
  }

  /**
   * @throws AppError invalid_value for a subject that the tenant does not have, conflict where the subject has a budget of this
   * window and currency already, or the tenant too many.
   */
  async createIn(tx: Transaction, actor: Actor, input: CreateBudgetRequest): Promise<BudgetRecord> {
    const { tenantId } = actor;
    const { tenant: _tenant, ...changes } = input;
    const kind = await this.kindOf(tx, tenantId, input);
    if ((await this.repository.count(tx, tenantId)) >= maxBudgets)
      throw new AppError('conflict', { message: `A tenant has at most ${maxBudgets} budgets.` });
    const { amount, soft_percent: softPercent, hard, unpriced } = input;
    const terms = { amount, softPercent, hard, unpriced };
    const created = await writing('budget', () => this.repository.insert(tx, tenantId, kind, terms), budgetName(input));
    await this.audit.record(tx, actor, { action: 'create', kind: 'budget', objectId: created.id, changes });
    return created;
  }

  /** @throws AppError not_found. */
  async updateIn(
    tx: Transaction,
    actor: Actor,
    id: string,
    { tenant: _tenant, ...input }: UpdateBudgetRequest,
  ): Promise<{ changed: boolean; value: BudgetRecord }> {
    await this.repository.lock(tx, actor.tenantId, id);
    const current = await this.findIn(tx, actor, id);
    const { amount, softPercent, hard, unpriced } = current;
    const before = { amount, softPercent, hard, unpriced };
    const terms = {
      amount: input.amount ?? amount,
      softPercent: input.soft_percent === undefined ? softPercent : input.soft_percent,
      hard: input.hard ?? hard,
      unpriced: input.unpriced ?? unpriced,
    };
    if (isDeepStrictEqual(terms, before)) return { changed: false, value: current };
    const value = await this.repository.update(tx, actor.tenantId, id, terms);
    const changed = beforeAndAfter(audited(current), audited(value));
    await this.audit.record(tx, actor, { action: 'update', kind: 'budget', objectId: id, ...changed });
    return { changed: true, value };
  }

  /** @throws AppError not_found. */
  async deleteIn(tx: Transaction, actor: Actor, id: string): Promise<BudgetRecord> {
    await this.repository.lock(tx, actor.tenantId, id);
    const budget = await this.findIn(tx, actor, id);
    await this.repository.delete(tx, actor.tenantId, id);
    const { key, endpoint, window, currency, amount } = budget;
    const changes = { key: key?.id ?? null, endpoint, window, currency, amount };
    const before = audited(budget);
    await this.audit.record(tx, actor, { action: 'delete', kind: 'budget', objectId: id, changes, before });
    return budget;
  }

  private async kindOf(tx: Transaction, tenantId: string, input: CreateBudgetRequest): Promise<BudgetKind> {
    const { key, endpoint, window, currency } = input;
    const keyId = key === undefined ? null : await this.repository.keyId(tx, tenantId, key);
    if (keyId === undefined)
      throw new AppError('invalid_value', { param: 'key', message: 'The tenant has no live key with this id or name.' });
    const endpointId = endpoint === undefined ? null : await this.repository.endpointId(tx, tenantId, endpoint);
    if (endpointId === undefined)
      throw new AppError('invalid_value', { param: 'endpoint', message: `The tenant has no endpoint "${endpoint ?? ''}".` });
    return { keyId, endpointId, window, currency };
  }

  private async shown(tx: Transaction, { tenantId }: Actor, budget: BudgetRecord): Promise<StandingBudget> {
    const [standing] = await this.periods.of(tx, tenantId, [budget]);
    if (standing === undefined) throw new AppError('internal_error', { cause: 'a budget stands nowhere' });
    return standing;
  }

  private async findIn(tx: Transaction, { tenantId }: Actor, id: string): Promise<BudgetRecord> {
    const found = await this.repository.find(tx, tenantId, id);
    if (found === undefined) throw new AppError('not_found', { message: 'No such budget.' });
    return found;
  }
}

function audited(budget: BudgetRecord): AuditedFields {
  const terms = auditedFields(budget, ['endpoint', 'window', 'currency', 'amount', 'softPercent', 'hard', 'unpriced']);
  return { key: budget.key?.id ?? null, ...terms };
}
