import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { everyModel } from '../../contracts/prices.js';
import { currenciesOf, PriceRows, termsChangeAfter, termsOf, type ProviderPriceRow, type TenantPriceRow } from './price-terms.js';

const models = ['big', 'small', everyModel];
const moment = fc.integer({ min: 0, max: 20 });
const markup = fc.integer({ min: -1000, max: 5000 });
const priceOf = (input: number) => ({ currency: 'USD', amounts: { input } });

/** One row for a model and a day, as the tables have them. */
const same = (row: { model: string; validFromMs: number }) => `${row.model} ${row.validFromMs}`;
const providerRows = fc
  .uniqueArray(fc.record({ model: fc.constantFrom(...models), validFromMs: moment }), { selector: same })
  .map((rows) => rows.map((row, at): ProviderPriceRow => ({ ...row, id: `listed-${at}`, provider: 'openai', ...priceOf(at) })));
const tenantRows = fc
  .uniqueArray(
    fc.record({
      model: fc.constantFrom(...models),
      validFromMs: moment,
      hasPrice: fc.boolean(),
      markupPerMille: fc.option(markup),
    }),
    { selector: same },
  )
  .map((rows) =>
    rows.map(({ hasPrice, ...row }, at): TenantPriceRow => ({
      ...row,
      id: `own-${at}`,
      connectionId: 'con_a',
      price: hasPrice ? priceOf(1000 + at) : null,
    })),
  );
const bookOf = (listed: readonly ProviderPriceRow[], own: readonly TenantPriceRow[], markupPerMille: number) => ({
  ofProviders: new PriceRows(listed, ({ provider }) => provider),
  ofTenant: new PriceRows(own, ({ connectionId }) => connectionId),
  providers: new Map([
    ['con_a', 'openai'],
    ['con_b', 'openai'],
    ['con_c', 'xai'],
  ]),
  markupPerMille,
});
const call = { connectionId: 'con_a', model: 'big', startedAtMs: 10 };

/** The row in force is the latest of those of its model that have begun. */
function inForce<Row extends { model: string; validFromMs: number }>(
  rows: readonly Row[],
  model: string,
  atMs: number,
): Row | undefined {
  const begun = rows.filter((row) => row.model === model && row.validFromMs <= atMs);
  return begun.find((row) => begun.every(({ validFromMs }) => validFromMs <= row.validFromMs));
}

describe('the terms of a call', () => {
  it('are those of the rows in force when it starts: the tenant before the provider, the model before all models', () => {
    fc.assert(
      fc.property(
        providerRows,
        tenantRows,
        markup,
        moment,
        fc.constantFrom('big', 'small', 'other'),
        (listed, own, ofTenant, startedAtMs, model) => {
          const mine = [model, everyModel].map((name) => inForce(own, name, startedAtMs)).filter((row) => row !== undefined);
          const theirs = [model, everyModel].map((name) => inForce(listed, name, startedAtMs)).filter((row) => row !== undefined);
          const priced = mine.find(({ price }) => price !== null) ?? theirs[0];
          const terms = termsOf(bookOf(listed, own, ofTenant), { ...call, model, startedAtMs });
          expect(terms?.priceId).toBe(priced?.id);
          if (terms === undefined) return;
          expect(terms.markupPerMille).toBe(mine.find((row) => row.markupPerMille !== null)?.markupPerMille ?? ofTenant);
        },
      ),
    );
  });

  it('stay the same until the moment that is told', () => {
    fc.assert(
      fc.property(
        providerRows,
        tenantRows,
        moment,
        moment,
        fc.constantFrom('big', 'other'),
        (listed, own, startedAtMs, more, model) => {
          const book = bookOf(listed, own, 0);
          const changeMs = termsChangeAfter(book, { ...call, model, startedAtMs });
          expect(changeMs).toBeGreaterThan(startedAtMs);
          fc.pre(startedAtMs + more < changeMs);
          const at = (atMs: number) => termsOf(book, { ...call, model, startedAtMs: atMs });
          expect(at(startedAtMs + more)).toEqual(at(startedAtMs));
        },
      ),
    );
  });

  it('change at the first moment of a row, not before', () => {
    const rows = [1, 9].map((validFromMs, at): ProviderPriceRow => ({
      id: `listed-${at}`,
      provider: 'openai',
      model: 'big',
      validFromMs,
      ...priceOf(at),
    }));
    const book = bookOf(rows, [], 0);
    const at = (startedAtMs: number) => termsOf(book, { ...call, startedAtMs })?.priceId;
    expect([0, 1, 8, 9, 10].map(at)).toEqual([undefined, 'listed-0', 'listed-0', 'listed-1', 'listed-1']);
  });

  it('are none for another connection or provider, or one that nobody knows', () => {
    const listed: ProviderPriceRow[] = [{ id: 'listed', provider: 'openai', model: 'big', validFromMs: 0, ...priceOf(1) }];
    const own: TenantPriceRow[] = ['con_a', 'con_d'].map((connectionId) => ({
      id: `own of ${connectionId}`,
      connectionId,
      model: 'big',
      validFromMs: 0,
      price: priceOf(2),
      markupPerMille: null,
    }));
    const book = bookOf(listed, own, 0);
    const of = (connectionId: string, model = 'big') => termsOf(book, { ...call, connectionId, model })?.priceId;
    expect([of('con_a'), of('con_b'), of('con_d')]).toEqual(['own of con_a', 'listed', 'own of con_d']);
    expect([of('con_c'), of('con_e'), of('con_b', 'other')]).toEqual([undefined, undefined, undefined]);
  });
});

describe('the currencies of a tenant', () => {
  it("are those of its own prices, and of the prices of its connections' providers", () => {
    const row = { model: 'big', validFromMs: 0 };
    const listed = (provider: string, currency: string): ProviderPriceRow => ({
      ...{ ...row, id: currency, provider, currency },
      amounts: { input: 1 },
    });
    const own = (currency: string | null): TenantPriceRow => ({
      ...{ ...row, id: `own ${currency}`, connectionId: 'con_unknown', markupPerMille: 1 },
      price: currency === null ? null : { currency, amounts: { input: 1 } },
    });
    const book = bookOf([listed('openai', 'USD'), listed('openai', 'EUR'), listed('cohere', 'NOK')], [own('SEK'), own(null)], 0);
    expect([...currenciesOf(book)].sort()).toEqual(['EUR', 'SEK', 'USD']);
    expect([...currenciesOf(bookOf([], [], 0))]).toEqual([]);
  });
});
