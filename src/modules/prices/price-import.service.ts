import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { OperatorActor } from '../../catalog/admin/admin-identity.js';
import { publicPriceRequests, type PublicPrice } from '../../catalog/prices/public-prices.js';
import { priceName, type ImportedPrice, type ImportPricesRequest, type PriceImportObject } from '../../contracts/prices.js';
import { secondsOrNull } from '../../contracts/times.js';
import { doneOrUndone } from '../../platform/database/dry-run.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { PriceRecord } from './price-record.js';
import { PricesService } from './prices.service.js';

/** Hundreds of prices are brought in by one transaction. */
const limitMs = 110_000;

/**
 * Brings in the list of public prices. A model of which somebody has set or changed a price is left alone as a whole: a later
 * row of the list would take the place of what he has set.
 */
@Injectable()
export class PriceImportService {
  constructor(private readonly prices: PricesService) {}

  /** As a whole or not at all; once more, it changes nothing. @throws AppError conflict when somebody else changes the same prices. */
  async import(actor: OperatorActor, { list, providers, dry_run: isDryRun }: ImportPricesRequest): Promise<PriceImportObject> {
    const wanted = publicPriceRequests().filter(({ price }) => providers === undefined || providers.includes(price.provider));
    const results = await doneOrUndone<ImportedPrice[]>(
      (work) => this.prices.change(work, limitMs),
      (tx) => this.bring(tx, actor, wanted),
      isDryRun,
    );
    const changed = results.filter(({ action }) => action === 'created' || action === 'updated').length;
    return { object: 'price_import', list, changed, results: isDryRun ? results.map(planned) : results };
  }

  private async bring(tx: Transaction, actor: OperatorActor, wanted: readonly PublicPrice[]): Promise<ImportedPrice[]> {
    const stored = await this.prices.allIn(tx);
    const names = new Map(stored.map((price) => [nameOf(price), price]));
    const own = new Set(stored.filter(({ origin }) => origin === 'own').map(modelOf));
    const results: ImportedPrice[] = [];
    for (const one of wanted) {
      const isOwn = own.has(modelOf(one.price));
      results.push(isOwn ? outcome(one, 'kept', null) : await this.bringOne(tx, actor, one, names.get(priceName(one.price))));
    }
    return results;
  }

  private async bringOne(
    tx: Transaction,
    actor: OperatorActor,
    one: PublicPrice,
    known: PriceRecord | undefined,
  ): Promise<ImportedPrice> {
    const { currency, amounts } = one.price;
    if (known === undefined) return outcome(one, 'created', (await this.prices.createIn(tx, actor, one.price, 'public')).id);
    if (currency === known.currency && isDeepStrictEqual(amounts, known.amounts)) return outcome(one, 'unchanged', known.id);
    await this.prices.updateIn(tx, actor, known.id, { currency, amounts }, 'public');
    return outcome(one, 'updated', known.id);
  }
}

/** What would be created has no id. */
function planned(result: ImportedPrice): ImportedPrice {
  return result.action === 'created' ? { ...result, id: null } : result;
}

function outcome({ price, source, checked }: PublicPrice, action: ImportedPrice['action'], id: string | null): ImportedPrice {
  const { provider, model, valid_from } = price;
  return { provider, model, valid_from, action, id, source, checked };
}

function nameOf({ provider, model, validFrom }: PriceRecord): string {
  return priceName({ provider, model, valid_from: secondsOrNull(validFrom) });
}

function modelOf({ provider, model }: { readonly provider: string; readonly model: string }): string {
  return `${provider} ${model}`;
}
