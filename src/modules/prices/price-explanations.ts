import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { ExplainPriceRequest, PriceExplanation, UseToPrice } from '../../contracts/prices.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { chargeOf, costOf, type MeasuredUse } from './cost.js';
import { PriceDirectory } from './price-directory.js';
import { termsOf } from './price-terms.js';
import { TenantPricesRepository } from './tenant-prices.repository.js';

/** Tells people what calls are priced by. It asks the same memory that prices calls. */
@Injectable()
export class PriceExplanations {
  constructor(
    private readonly database: TenantDatabase,
    private readonly prices: TenantPricesRepository,
    private readonly directory: PriceDirectory,
  ) {}

  /** @throws AppError invalid_value for a connection that the tenant has not. */
  async explain({ tenantId }: Actor, { connection, model, at, use }: ExplainPriceRequest): Promise<PriceExplanation> {
    const connectionId = await this.database.run(tenantId, (tx) => this.prices.holdConnection(tx, tenantId, connection));
    if (connectionId === undefined) {
      throw new AppError('invalid_value', { param: 'connection', message: `The tenant has no connection "${connection}".` });
    }
    const startedAt = at ?? Math.floor(Date.now() / 1000);
    const book = await this.directory.of(tenantId);
    const terms = termsOf(book, { connectionId, model, startedAtMs: startedAt * 1000 });
    const measured = use === undefined || terms === undefined ? undefined : measuredUse(use);
    return {
      object: 'price_explanation',
      connection,
      provider: book.providers.get(connectionId) ?? null,
      model,
      at: startedAt,
      price:
        terms === undefined
          ? null
          : { id: terms.priceId, currency: terms.currency, amounts: terms.amounts, markup_per_mille: terms.markupPerMille },
      cost: measured === undefined || terms === undefined ? null : costOf(measured, terms.amounts),
      charge: measured === undefined || terms === undefined ? null : chargeOf(measured, terms.amounts, terms.markupPerMille),
    };
  }
}

function measuredUse(use: UseToPrice): MeasuredUse {
  return {
    inputTokens: use.input_tokens,
    cachedInputTokens: use.cached_input_tokens,
    cacheWriteTokens: use.cache_write_tokens,
    outputTokens: use.output_tokens,
    reasoningTokens: use.reasoning_tokens,
    audioMs: Math.round(use.audio_seconds * 1000),
    characters: use.input_characters,
    images: use.images,
    imageSize: use.image_size,
    providerBatch: use.provider_batch,
    completed: true,
  };
}
