import { priceAmounts, type PriceAmounts } from '../../contracts/price-amounts.js';
import type { PriceObject } from '../../contracts/prices.js';
import type { Price, TenantPrice } from '../../platform/database/generated/client.js';

/** A provider's prices of one model. */
export interface PriceRecord {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  /** Null: since ever. */
  readonly validFrom: Date | null;
  readonly currency: string;
  readonly amounts: PriceAmounts;
  readonly origin: PriceObject['origin'];
  readonly createdAt: Date;
}

/** What differs for a tenant, what is put on its cost, or both. */
export interface TenantPriceRecord {
  readonly id: string;
  readonly connection: string;
  readonly model: string;
  readonly validFrom: Date | null;
  readonly currency: string | null;
  readonly amounts: PriceAmounts | null;
  readonly markupPerMille: number | null;
  readonly createdAt: Date;
}

/** Rows hold the beginning of 1970 for "since ever", so that there is one such row of a model. */
const sinceEver = new Date(0);

/** The moment of a row. @param seconds as requests say it: Unix seconds; null: since ever. */
export function momentOf(seconds: number | null): Date {
  return seconds === null ? sinceEver : new Date(seconds * 1000);
}

export function priceRecord({ validFrom, amounts, origin, ...row }: Price): PriceRecord {
  return {
    ...row,
    validFrom: momentOrNull(validFrom),
    amounts: priceAmounts.parse(amounts),
    origin: origin as PriceRecord['origin'],
  };
}

export function tenantPriceRecord({
  id,
  connection,
  model,
  validFrom,
  currency,
  amounts,
  markupPerMille,
  createdAt,
}: TenantPrice & { readonly connection: { readonly name: string } }): TenantPriceRecord {
  return {
    id,
    connection: connection.name,
    model,
    validFrom: momentOrNull(validFrom),
    currency,
    amounts: amounts === null ? null : priceAmounts.parse(amounts),
    markupPerMille,
    createdAt,
  };
}

function momentOrNull(moment: Date): Date | null {
  return moment.getTime() === 0 ? null : moment;
}
