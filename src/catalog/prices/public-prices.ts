import type { CreatePriceRequest } from '../../contracts/prices.js';
import { anthropicPrices } from './anthropic.js';
import { furtherPrices } from './further-providers.js';
import { geminiPrices } from './gemini.js';
import { openaiPrices } from './openai.js';
import type { ListedPrices } from './price-list.js';

/**
 * Public list prices to start from. They are facts of a day, written down by hand: nothing fetches them, and whoever bills by them
 * compares them with the pages that they name. What could not be confirmed is left out.
 */
export const publicPrices: readonly ListedPrices[] = [...openaiPrices, anthropicPrices, geminiPrices, ...furtherPrices];

/** A public price as one that can be created, with where it is from. */
export interface PublicPrice extends Pick<ListedPrices, 'source' | 'checked'> {
  readonly price: CreatePriceRequest;
}

/** One for each model and moment. */
export function publicPriceRequests(): PublicPrice[] {
  return publicPrices.flatMap(({ provider, source, checked, rows }) =>
    rows.flatMap(({ models, since, amounts }) =>
      models.map((model) => {
        const validFrom = since === undefined ? null : Date.parse(since) / 1000;
        return { source, checked, price: { provider, model, valid_from: validFrom, currency: 'USD', amounts } };
      }),
    ),
  );
}
