import { Injectable } from '@nestjs/common';
import type { ApplyAction, ApplyRequest, ApplyResult } from '../../contracts/platform-file.js';
import { priceName } from '../../contracts/prices.js';
import type { ProviderId } from '../../contracts/providers.js';
import { secondsOrNull } from '../../contracts/times.js';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { PriceRecord } from '../prices/price-record.js';
import { PricesService } from '../prices/prices.service.js';
import type { Applicant } from './applicant.js';
import { appliedIn } from './dry-run.js';
import { priceForm, type PriceEntry } from './file-forms.js';
import type { PriceForm, Stored } from './forms.js';
import { planSection } from './section-plan.js';
import { inPlace } from './tenant-run.js';

/** Ten thousand prices take some seconds, on a busy machine more. */
const limitMs = 110_000;

const rules = { nameOf: priceName, formOf: priceForm };

/** Brings providers' prices to what a file says, in one transaction. Rows that a list has made are not pruned: they are the list's. */
@Injectable()
export class PlatformPrices {
  constructor(private readonly prices: PricesService) {}

  /** @throws AppError insufficient_role, and those of the prices with the path in the file. */
  async apply(
    applicant: Applicant,
    entries: readonly PriceEntry[],
    { prune, dry_run: isDryRun }: Omit<ApplyRequest, 'file'>,
  ): Promise<readonly ApplyResult[]> {
    if (applicant.role !== 'operator') {
      const message = "prices: Only operators of the platform may set providers' prices.";
      throw new AppError('insufficient_role', { param: 'file.prices', message });
    }
    return appliedIn(
      (work) => this.prices.change(work, limitMs),
      (tx) => this.bring(tx, applicant, entries, prune),
      isDryRun,
    );
  }

  /** Those of the platform that are no list's, the oldest first. */
  async own(): Promise<PriceForm[]> {
    const all = await this.prices.change((tx) => this.prices.allIn(tx));
    return all.filter(({ origin }) => origin === 'own').map((price) => storedForm(price).form);
  }

  private async bring(
    tx: Transaction,
    applicant: Applicant,
    entries: readonly PriceEntry[],
    prune: boolean,
  ): Promise<ApplyResult[]> {
    const stored = (await this.prices.allIn(tx)).map(storedForm);
    const { wanted, surplus } = await planSection<PriceEntry, PriceForm, StoredPrice>(entries, stored, rules);
    const results: ApplyResult[] = [];
    const note = (name: string, action: ApplyAction, id: string): void =>
      void results.push({ kind: 'price', tenant: null, name, id, action });
    for (const { name, at, entry, stored: row, changes } of wanted) {
      await inPlace(`prices[${at}]`, async () => {
        if (row === undefined) note(name, 'created', (await this.prices.createIn(tx, applicant, entry)).id);
        else if (Object.keys(changes).length === 0) note(name, 'unchanged', row.id);
        else note(name, 'updated', (await this.prices.updateIn(tx, applicant, row.id, changes)).id);
      });
    }
    for (const { id, name, origin } of surplus) {
      if (!prune || origin !== 'own') continue;
      await this.prices.deleteIn(tx, applicant, id);
      note(name, 'deleted', id);
    }
    return results;
  }
}

interface StoredPrice extends Stored<PriceForm> {
  readonly origin: PriceRecord['origin'];
}

function storedForm({ id, provider, model, validFrom, currency, amounts, origin }: PriceRecord): StoredPrice {
  const form = { provider: provider as ProviderId, model, valid_from: secondsOrNull(validFrom), currency, amounts };
  return { id, form, origin };
}
