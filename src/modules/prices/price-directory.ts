import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.module.js';
import { priceAmounts } from '../../contracts/price-amounts.js';
import { providerAt } from '../../contracts/providers.js';
import type { ConnectionWire } from '../../contracts/wires.js';
import type { TenantPrice } from '../../platform/database/generated/client.js';
import { ChangeFeed } from '../../platform/database/change-feed.js';
import { LiveCache } from '../../platform/database/live-cache.js';
import { PriceDirectoryRepository, type TenantPricing } from './price-directory.repository.js';
import type { PriceRecord } from './price-record.js';
import { PriceRows, type PriceBook, type ProviderPriceRow, type TenantPriceRow } from './price-terms.js';
import { PricesRepository } from './prices.repository.js';

/** The one entry of what belongs to no tenant. */
const ofAll = 'prices';
const ofTenant = new Set(['tenant_prices', 'tenants', 'connections']);

/** What calls cost, kept in memory and current to within the change feed: a warm process prices a call without the database. */
@Injectable()
export class PriceDirectory {
  private readonly books = new WeakMap<Omit<PriceBook, 'ofProviders'>, PriceBook>();
  private readonly providers: LiveCache<PriceRows<ProviderPriceRow>>;
  private readonly tenants: LiveCache<Omit<PriceBook, 'ofProviders'>>;

  constructor(prices: PricesRepository, repository: PriceDirectoryRepository, feed: ChangeFeed, config: Config) {
    const { GT_AUTH_STALE_MS: staleMs } = config;
    this.providers = new LiveCache<PriceRows<ProviderPriceRow>>(feed, {
      load: async () => providerRows(await prices.change((tx) => prices.all(tx))),
      tenantOf: () => null,
      touches: ({ kind }) => kind === 'prices',
      creates: () => false,
      staleMs,
      maxEntries: 1,
    });
    this.tenants = new LiveCache<Omit<PriceBook, 'ofProviders'>>(feed, {
      load: async (tenantId) => tenantPart(await repository.read(tenantId)),
      tenantOf: (tenantId) => tenantId,
      touches: (change, tenantId) => change.tenantId === tenantId && ofTenant.has(change.kind),
      creates: ({ kind }) => kind === 'tenants',
      staleMs,
      maxEntries: 10_000,
    });
  }

  /** By what the tenant's calls are priced, when all of it is in memory and current. Never waits. */
  peek(tenantId: string): PriceBook | undefined {
    const [ofProviders, own] = [this.providers.peek(ofAll), this.tenants.peek(tenantId)];
    return ofProviders === undefined || own === undefined ? undefined : this.bookOf(own, ofProviders);
  }

  /** By what the tenant's calls are priced. @throws AppError overloaded when it cannot be read. */
  async of(tenantId: string): Promise<PriceBook> {
    const [ofProviders, own] = await Promise.all([this.providers.get(ofAll), this.tenants.get(tenantId)]);
    return this.bookOf(own ?? tenantPart(nobody), ofProviders ?? providerRows([]));
  }

  /** One book as long as both parts are the same. */
  private bookOf(own: Omit<PriceBook, 'ofProviders'>, ofProviders: PriceRows<ProviderPriceRow>): PriceBook {
    const made = this.books.get(own);
    if (made?.ofProviders === ofProviders) return made;
    const book = { ...own, ofProviders };
    this.books.set(own, book);
    return book;
  }
}

const nobody: TenantPricing = { markupPerMille: 0, connections: [], prices: [] };

function providerRows(prices: readonly PriceRecord[]): PriceRows<ProviderPriceRow> {
  const rows = prices.map(({ validFrom, ...price }) => ({ ...price, validFromMs: validFrom?.getTime() ?? 0 }));
  return new PriceRows(rows, ({ provider }) => provider);
}

function tenantPart(pricing: TenantPricing): Omit<PriceBook, 'ofProviders'>;
function tenantPart(pricing: TenantPricing | undefined): Omit<PriceBook, 'ofProviders'> | undefined;
function tenantPart(pricing: TenantPricing | undefined): Omit<PriceBook, 'ofProviders'> | undefined {
  if (pricing === undefined) return undefined;
  const { markupPerMille, connections, prices } = pricing;
  const providers = connections.flatMap(({ id, baseUrl, wire }): [string, string][] => {
    const provider = providerAt(baseUrl, wire as ConnectionWire);
    return provider === undefined ? [] : [[id, provider]];
  });
  return {
    markupPerMille,
    providers: new Map(providers),
    ofTenant: new PriceRows(prices.map(tenantRow), ({ connectionId }) => connectionId),
  };
}

function tenantRow({ id, connectionId, model, validFrom, currency, amounts, markupPerMille }: TenantPrice): TenantPriceRow {
  const price = currency === null || amounts === null ? null : { currency, amounts: priceAmounts.parse(amounts) };
  return { id, connectionId, model, validFromMs: validFrom.getTime(), price, markupPerMille };
}
