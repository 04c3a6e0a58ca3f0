import { z } from 'zod';
import { adminListQuery, listQuery, tenantHint } from './lists.js';
import { objectName } from './names.js';
import { priceAmounts } from './price-amounts.js';
import { providerIds } from './providers.js';
import { createdAt, isoTime, timeInSeconds } from './times.js';

/** The model that stands for all of a provider or connection that have no row of their own. */
export const everyModel = '*';

const provider = z.enum(providerIds).describe('The provider, by its id in the list of providers.');
const model = z.string().min(1).max(256).describe('The model, as its provider names it; *: all that have no row of their own.');
const connection = objectName.describe('The connection, by its name.');

/** A currency, by its code of ISO 4217. */
export const currencyCode = z.string().regex(/^[A-Z]{3}$/, 'must be three capital letters, such as USD');

const currency = currencyCode.describe('The currency, by ISO 4217.');
const validFrom = timeInSeconds
  .nullable()
  .describe('From when on the row holds, until the next one of the same model; null: since ever.');

/** Thousandths that are put on a cost; below zero they are taken off it. */
export const markupPerMille = z.number().int().min(-1000).max(100_000);

const markup = markupPerMille
  .nullable()
  .describe("Thousandths that are put on the cost of the model's calls, below zero taken off; null: those of the tenant.");

/** What a price is of, in one line: provider or connection, the model, and from when on. There is one price of a name. */
export function priceName(price: {
  readonly provider?: string | undefined;
  readonly connection?: string | undefined;
  readonly model: string;
  readonly valid_from: number | null;
}): string {
  const { provider, connection = provider, model, valid_from: from } = price;
  return `${connection} ${model}${from === null ? '' : ` from ${isoTime(from)}`}`;
}

/** `POST /prices`: what a provider takes for a model. Provider, model and moment never change. */
export const createPriceRequest = z
  .strictObject({
    provider,
    model,
    valid_from: validFrom.default(null),
    currency: currency.default('USD'),
    amounts: priceAmounts,
  })
  .describe("A provider's prices of one model that are to be known.")
  .meta({ examples: [{ provider: 'openai', model: 'gpt-4o-mini', amounts: { input: 150_000, output: 600_000 } }] });

export type CreatePriceRequest = z.infer<typeof createPriceRequest>;

/** What may change of it. Calls that are over keep what they were told. */
export const updatePriceRequest = z
  .strictObject({ currency: currency.optional(), amounts: priceAmounts.optional() })
  .describe('What changes of a price. It is no longer that of a list then.')
  .meta({ examples: [{ amounts: { input: 150_000, output: 600_000 } }] });

export type UpdatePriceRequest = z.infer<typeof updatePriceRequest>;

export const priceOrigins = ['own', 'public'] as const;

const shownFrom = z.number().int().nullable().describe('From when on it holds, in Unix seconds; null: since ever.');

export const priceObject = z
  .object({
    object: z.literal('price'),
    id: z.string(),
    provider: z.string(),
    model: z.string(),
    valid_from: shownFrom,
    currency: z.string(),
    amounts: priceAmounts,
    origin: z.enum(priceOrigins).describe('`public`: as the list of public prices has it; `own`: somebody made or changed it.'),
    created_at: createdAt,
    notices: z.array(z.string()).optional().describe('Only after a creation or change: what is likely to be a slip.'),
  })
  .meta({ id: 'Price', description: 'What a provider takes for a model.' });

export type PriceObject = z.infer<typeof priceObject>;

export const listPricesQuery = listQuery
  .extend({
    provider: z.enum(providerIds).optional().describe('Only prices of this provider.'),
    model: z.string().max(256).optional().describe('Only prices of this model.'),
    origin: z.enum(priceOrigins).optional().describe('Only prices of this origin.'),
  })
  .describe('Which prices a list shows.');

export type ListPricesQuery = z.infer<typeof listPricesQuery>;

export const priceLists = ['public'] as const;

/** `POST /prices/import`: brings in a list that the platform has. */
export const importPricesRequest = z
  .strictObject({
    list: z
      .enum(priceLists)
      .describe("The list: `public` has providers' public list prices, as far as they are known to the platform."),
    providers: z.array(z.enum(providerIds)).min(1).max(providerIds.length).optional().describe('Only prices of these providers.'),
    dry_run: z.boolean().default(false).describe('Shows what would happen and changes nothing.'),
  })
  .describe('A list of prices that is to be brought in. Models of which somebody has set a price are left alone.')
  .meta({ examples: [{ list: 'public', dry_run: true }] });

export type ImportPricesRequest = z.infer<typeof importPricesRequest>;

export const importedPrice = z
  .object({
    provider: z.string(),
    model: z.string(),
    valid_from: z.number().int().nullable(),
    action: z
      .enum(['created', 'updated', 'unchanged', 'kept'])
      .describe('`kept`: somebody has set a price of the model, and none of the list was brought in.'),
    id: z.string().nullable().describe('Null for what was not brought in, or would be created.'),
    source: z.string().describe("The provider's page that has the price."),
    checked: z.string().describe('The day for which the list has it.'),
  })
  .describe('What became of one price of the list.');

export type ImportedPrice = z.infer<typeof importedPrice>;

export const priceImportObject = z
  .object({
    object: z.literal('price_import'),
    list: z.enum(priceLists),
    changed: z.number().int().describe('How many prices changed, or would change.'),
    results: z.array(importedPrice),
  })
  .describe('What became of the prices of a list.');

export type PriceImportObject = z.infer<typeof priceImportObject>;

/** `POST /tenant-prices`: what a model costs a tenant otherwise, what is put on it, or both. */
export const createTenantPriceRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    connection,
    model,
    valid_from: validFrom.default(null),
    currency: currency.default('USD'),
    amounts: priceAmounts.nullable().default(null),
    markup_per_mille: markup.default(null),
  })
  .describe("What a connection's model costs the tenant, what is put on its cost, or both; null: as for everyone.")
  .meta({ examples: [{ connection: 'main', model: 'gpt-4o-mini', amounts: { input: 120_000, output: 500_000 } }] });

export type CreateTenantPriceRequest = z.infer<typeof createTenantPriceRequest>;

/** What may change of it; connection, model and moment never do. */
export const updateTenantPriceRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    currency: currency.optional(),
    amounts: priceAmounts.nullable().optional(),
    markup_per_mille: markup.optional(),
  })
  .describe("What changes of a tenant's price. One of amounts and markup_per_mille stays.")
  .meta({ examples: [{ markup_per_mille: 100 }] });

export type UpdateTenantPriceRequest = z.infer<typeof updateTenantPriceRequest>;

export const tenantPriceObject = z
  .object({
    object: z.literal('tenant_price'),
    id: z.string(),
    connection: z.string(),
    model: z.string(),
    valid_from: shownFrom,
    currency: z.string().nullable().describe('Null where it has no amounts.'),
    amounts: priceAmounts.nullable().describe("Null: the provider's."),
    markup_per_mille: z.number().int().nullable().describe("Null: the tenant's."),
    created_at: createdAt,
    notices: z.array(z.string()).optional().describe('Only after a creation or change: what is likely to be a slip.'),
  })
  .meta({ id: 'TenantPrice', description: "What a connection's model costs a tenant, and what is put on its cost." });

export type TenantPriceObject = z.infer<typeof tenantPriceObject>;

export const listTenantPricesQuery = adminListQuery
  .extend({
    connection: z.string().max(100).optional().describe('Only prices of this connection.'),
    model: z.string().max(256).optional().describe('Only prices of this model.'),
  })
  .describe("Which of a tenant's prices a list shows.");

export type ListTenantPricesQuery = z.infer<typeof listTenantPricesQuery>;

const count = z.number().int().min(0).max(2_147_483_647).default(0);

/** What a call takes, by the names that usage has. */
const use = z
  .strictObject({
    input_tokens: count.describe('Tokens of input.'),
    cached_input_tokens: count.describe('Part of input_tokens.'),
    cache_write_tokens: count.describe('Part of input_tokens.'),
    output_tokens: count.describe('Tokens of output.'),
    reasoning_tokens: count.describe('Part of output_tokens.'),
    audio_seconds: z.number().min(0).max(2_000_000).default(0).describe('Seconds of sound that is read.'),
    input_characters: count.describe('Characters that are spoken.'),
    images: count.describe('Images that are made.'),
    image_size: z.string().max(32).nullable().default(null).describe('Their size, such as 1024x1024.'),
    provider_batch: z.boolean().default(false).describe('Whether it is made in a batch of the provider.'),
  })
  .describe('What a call takes: its cost and its charge are told.');

export type UseToPrice = z.infer<typeof use>;

/** `POST /prices/explain`: by what calls of a model are priced. */
export const explainPriceRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    connection,
    model: z.string().min(1).max(256).describe('The model, as its provider names it.'),
    at: timeInSeconds.optional().describe('When the call starts; absent: now.'),
    use: use.optional(),
  })
  .describe('A call whose price is asked for.')
  .meta({ examples: [{ connection: 'main', model: 'gpt-4o-mini', use: { input_tokens: 1000, output_tokens: 50 } }] });

export type ExplainPriceRequest = z.infer<typeof explainPriceRequest>;

const money = z.number().int().nullable();

export const priceExplanation = z
  .object({
    object: z.literal('price_explanation'),
    connection: z.string(),
    provider: z.string().nullable().describe('Whose prices hold for the connection; null: nobody knows whose address it has.'),
    model: z.string(),
    at: z.number().int().describe('When the call starts, in Unix seconds.'),
    price: z
      .object({
        id: z.string().describe('The row: `prc_…` for everyone, `tpr_…` of the tenant.'),
        currency: z.string(),
        amounts: priceAmounts,
        markup_per_mille: z.number().int(),
      })
      .nullable()
      .describe('Null: no price applies, and calls have neither cost nor charge.'),
    cost: money.describe('What the provider takes, in micro-units; null: no price applies, or no use was given.'),
    charge: money.describe('The cost with the mark-up, in micro-units.'),
  })
  .describe('By what calls of a model are priced.');

export type PriceExplanation = z.infer<typeof priceExplanation>;
