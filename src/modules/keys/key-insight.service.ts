import { Injectable } from '@nestjs/common';
import { explain, modelCallOf, type Explanation, type ModelCall, type Question } from '../../catalog/explain.js';
import type { EndpointFacts } from '../../catalog/facts.js';
import type { Modality } from '../../contracts/scopes.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { CountingBudgets } from '../budgets/counting-budgets.js';
import { PriceDirectory } from '../prices/price-directory.js';
import { expectedCharge } from '../prices/expected-charge.js';
import { termsOf } from '../prices/price-terms.js';
import type { Identity } from './key-facts.js';
import { KeyViews, type KeyView } from './key-views.js';
import { KeysRepository } from './keys.repository.js';

/** A published name, and which provider's model it leads to. */
export interface ExplainedEndpoint extends EndpointFacts {
  readonly targets: ReadonlyMap<Modality, { readonly connection: { readonly id: string }; readonly model: string }>;
}

/** What a key may do. */
@Injectable()
export class KeyInsightService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly views: KeyViews,
    private readonly keys: KeysRepository,
    private readonly budgets: CountingBudgets,
    private readonly prices: PriceDirectory,
  ) {}

  /**
   * Would this call be allowed, and why? Nothing is reserved or counted by the question. Prices are those of the memory that
   * prices calls; all else is read from the database.
   * @param endpoints the tenant's published names: they belong to another module, so the door brings them.
   * @throws AppError not_found; overloaded when prices cannot be read.
   */
  async explain(
    { tenantId }: Actor,
    idOrName: string,
    question: Question,
    endpoints: readonly ExplainedEndpoint[],
  ): Promise<Explanation> {
    const asked = modelCallOf(question, endpoints);
    const { budgets, ...facts } = await this.database.run(tenantId, async (tx) => {
      const { identity } = await this.views.findIn(tx, tenantId, idOrName);
      const names = asked?.endpoint === undefined ? [] : [asked.endpoint.name];
      return {
        key: identity.key,
        tenant: identity.tenant,
        datasets: await this.keys.datasets(tx, tenantId),
        budgets: asked === undefined ? [] : await this.budgets.of(tx, identity, names),
      };
    });
    const isMoneyCounted = budgets.some(({ currency }) => currency !== null);
    const pricedIn = isMoneyCounted ? await this.currencyOf(tenantId, asked) : undefined;
    return explain(question, { ...facts, endpoints, counted: { budgets, pricedIn }, nowMs: Date.now() });
  }

  /** The key that makes a call, as it is stored. @throws AppError not_found when it was removed meanwhile. */
  async own(identity: Identity): Promise<KeyView> {
    return this.database.run(identity.key.tenantId, (tx) => this.views.findIn(tx, identity.key.tenantId, identity.key.id));
  }

  /** In which currency a price says what the call takes; null: in none. Undefined where it is not known which model it asks. */
  private async currencyOf(
    tenantId: string,
    asked: ModelCall<ExplainedEndpoint> | undefined,
  ): Promise<string | null | undefined> {
    const target = asked?.endpoint?.targets.get(asked.modality);
    if (target === undefined) return undefined;
    const call = { connectionId: target.connection.id, model: target.model, startedAtMs: Date.now() };
    const terms = termsOf(await this.prices.of(tenantId), call);
    const use = { prompt: 1, output: asked?.modality === 'chat' ? 1 : 0 };
    return terms === undefined || expectedCharge(use, terms) === undefined ? null : terms.currency;
  }
}
