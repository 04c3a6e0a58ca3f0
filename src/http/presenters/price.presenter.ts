import { priceNotices } from '../../contracts/notices.js';
import type { PriceObject, TenantPriceObject } from '../../contracts/prices.js';
import { secondsOrNull, toUnixSeconds } from '../../contracts/times.js';
import type { PriceRecord, TenantPriceRecord } from '../../modules/prices/price-record.js';
import { presentNotices } from './notices.presenter.js';

/** What a provider takes for a model. */
export function presentPrice({ id, provider, model, currency, amounts, origin, ...times }: PriceRecord): PriceObject {
  return {
    object: 'price',
    id,
    provider,
    model,
    valid_from: secondsOrNull(times.validFrom),
    currency,
    amounts,
    origin,
    created_at: toUnixSeconds(times.createdAt),
  };
}

/** The same after a creation or change, with what is likely to be a slip. */
export function presentChangedPrice(price: PriceRecord): PriceObject {
  return { ...presentPrice(price), ...presentNotices(priceNotices(price.amounts)) };
}

/** What a model costs a tenant otherwise, and what is put on its cost. */
export function presentTenantPrice(price: TenantPriceRecord): TenantPriceObject {
  return {
    object: 'tenant_price',
    id: price.id,
    connection: price.connection,
    model: price.model,
    valid_from: secondsOrNull(price.validFrom),
    currency: price.currency,
    amounts: price.amounts,
    markup_per_mille: price.markupPerMille,
    created_at: toUnixSeconds(price.createdAt),
  };
}

/** The same after a creation or change, with what is likely to be a slip. */
export function presentChangedTenantPrice(price: TenantPriceRecord): TenantPriceObject {
  return { ...presentTenantPrice(price), ...presentNotices(priceNotices(price.amounts)) };
}
