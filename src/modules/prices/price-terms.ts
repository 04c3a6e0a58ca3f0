import type { PriceAmounts } from '../../contracts/price-amounts.js';
import { everyModel } from '../../contracts/prices.js';

interface DatedRow {
  /** The provider's own name of the model, or `*`. */
  readonly model: string;
  /** From which moment on it holds, in milliseconds since 1970; until the next row of the same model. */
  readonly validFromMs: number;
}

/** Prices with the currency that they are in. */
export interface Price {
  /** ISO 4217. */
  readonly currency: string;
  readonly amounts: PriceAmounts;
}

/** What a provider takes from everyone. */
export interface ProviderPriceRow extends DatedRow, Price {
  readonly id: string;
  readonly provider: string;
}

/** What a tenant's own provider takes for it, what is put on it, or both. */
export interface TenantPriceRow extends DatedRow {
  readonly id: string;
  readonly connectionId: string;
  /** Null: the provider's. */
  readonly price: Price | null;
  /** Null: the tenant's. */
  readonly markupPerMille: number | null;
}

/** A call, as far as its price depends on it. */
export interface PricedCall {
  readonly connectionId: string;
  readonly model: string;
  readonly startedAtMs: number;
}

/** By what a call is priced: see `costOf` and `chargeOf`. */
export interface Terms extends Price {
  readonly markupPerMille: number;
  /** The id of the row that has the prices. */
  readonly priceId: string;
}

/** Rows by the connection or provider and the model, the latest first. */
export class PriceRows<Row extends DatedRow> {
  private readonly byOwner = new Map<string, Row[]>();
  private readonly byModel = new Map<string, Row[]>();

  /** @param ownerOf the connection or provider of a row. */
  constructor(rows: readonly Row[], ownerOf: (row: Row) => string) {
    for (const row of rows.toSorted((a, b) => b.validFromMs - a.validFromMs)) {
      add(this.byOwner, ownerOf(row), row);
      add(this.byModel, nameOf(ownerOf(row), row.model), row);
    }
  }

  /** All rows of these connections or providers; without them, of all. */
  rowsOf(owners: Iterable<string> = this.byOwner.keys()): Row[] {
    return [...owners].flatMap((owner) => this.byOwner.get(owner) ?? []);
  }

  /** The rows that hold for a model at a moment: its own, then that of all models. */
  at(owner: string, model: string, atMs: number): Row[] {
    return [model, everyModel].flatMap((name) => {
      const row = this.byModel.get(nameOf(owner, name))?.find(({ validFromMs }) => validFromMs <= atMs);
      return row === undefined ? [] : [row];
    });
  }

  /** The first moment after this one at which another row begins to hold for the model; Infinity: none does. */
  changeAfter(owner: string, model: string, atMs: number): number {
    const starts = [model, everyModel].flatMap((name) => this.byModel.get(nameOf(owner, name)) ?? []);
    return Math.min(...starts.map(({ validFromMs }) => validFromMs).filter((startMs) => startMs > atMs));
  }
}

/** All that the prices of a tenant's calls depend on. */
export interface PriceBook {
  readonly ofProviders: PriceRows<ProviderPriceRow>;
  readonly ofTenant: PriceRows<TenantPriceRow>;
  /** Whose prices hold for connections, by their ids; none where nobody knows whose address a connection has. */
  readonly providers: ReadonlyMap<string, string>;
  readonly markupPerMille: number;
}

/**
 * By what a call is priced: the rows that are in force when it starts. A row of the tenant comes before one of the provider,
 * one of the model before one of all models; price and mark-up are each taken from the first row that has one.
 * @returns undefined when no price applies.
 */
export function termsOf(book: PriceBook, { connectionId, model, startedAtMs }: PricedCall): Terms | undefined {
  const own = book.ofTenant.at(connectionId, model, startedAtMs);
  const markupPerMille = own.find((row) => row.markupPerMille !== null)?.markupPerMille ?? book.markupPerMille;
  for (const { id, price } of own) if (price !== null) return { ...price, markupPerMille, priceId: id };
  const provider = book.providers.get(connectionId);
  const [listed] = provider === undefined ? [] : book.ofProviders.at(provider, model, startedAtMs);
  if (listed === undefined) return undefined;
  return { currency: listed.currency, amounts: listed.amounts, markupPerMille, priceId: listed.id };
}

/** The currencies in which any model of the tenant's connections has a price, whenever that holds. */
export function currenciesOf(book: PriceBook): ReadonlySet<string> {
  const own = book.ofTenant.rowsOf().flatMap(({ price }) => price?.currency ?? []);
  const listed = book.ofProviders.rowsOf(new Set(book.providers.values())).map(({ currency }) => currency);
  return new Set([...own, ...listed]);
}

/** The first moment after this one from which on other terms may hold; Infinity: never. */
export function termsChangeAfter(book: PriceBook, { connectionId, model, startedAtMs }: PricedCall): number {
  const provider = book.providers.get(connectionId);
  const listed = provider === undefined ? Infinity : book.ofProviders.changeAfter(provider, model, startedAtMs);
  return Math.min(book.ofTenant.changeAfter(connectionId, model, startedAtMs), listed);
}

function nameOf(owner: string, model: string): string {
  return `${owner}\n${model}`;
}

function add<Row>(lists: Map<string, Row[]>, name: string, row: Row): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [row]);
  else list.push(row);
}
