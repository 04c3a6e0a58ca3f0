import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { Money } from '../contracts/money.js';
import {
  explainPriceRequest,
  importPricesRequest,
  priceExplanation,
  priceImportObject,
  type PriceExplanation,
} from '../contracts/prices.js';
import { print, type CliContext } from './cli-context.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { addResource, tenantQueryOf } from './resource-commands.js';
import { cellText, fieldLines, printable, table } from './table.js';

/** `gt price`: what providers take, for the whole platform; with `import` and `explain`. */
export function addPriceCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, {
    name: 'price',
    plural: 'prices',
    routes: {
      list: 'prices.list',
      get: 'prices.get',
      create: 'prices.create',
      update: 'prices.update',
      delete: 'prices.delete',
    },
    columns: ['provider', 'model', 'valid_from', 'currency', 'amounts', 'origin', 'id'],
    shownOf: shownPrice,
    rowOf: priceRow,
  }).description("providers' prices, for the whole platform");
  addImport(group, context);
  const explain = group.command('explain').description(adminRouteRow('prices.explain').summary);
  addFieldOptions(explain, explainPriceRequest).action(async (flags: Record<string, unknown>) => {
    const body = givenFields(explainPriceRequest, flags);
    checkFields(explainPriceRequest, body);
    const reply = await context.http.call('prices.explain', { query: tenantQueryOf(context, 'prices.explain'), body });
    print(context, reply, () => explanationText(priceExplanation.parse(reply), body['use'] !== undefined));
  });
}

/** Shows what changed and what was left alone; what is as the list has it is counted. */
function addImport(group: Command, context: CliContext): void {
  const command = group.command('import').description(adminRouteRow('prices.import').summary);
  addFieldOptions(command, importPricesRequest).action(async (flags: Record<string, unknown>) => {
    const body = givenFields(importPricesRequest, flags);
    checkFields(importPricesRequest, body);
    const reply = priceImportObject.parse(await context.http.call('prices.import', { body }));
    print(context, reply, () => {
      const told = reply.results.filter(({ action }) => action !== 'unchanged');
      const shown = table(['action', 'provider', 'model', 'valid_from', 'checked', 'source'], told);
      const same = reply.results.length - told.length;
      const summary = `${body['dry_run'] === true ? 'Would change' : 'Changed'} ${reply.changed}, ${same} as they are.\n`;
      return told.length === 0 ? summary : `${shown}\n${summary}`;
    });
  });
}

/** `gt tenant-price`: what differs for a tenant. */
export function addTenantPriceCommands(program: Command, context: CliContext): void {
  addResource(program, context, {
    name: 'tenant-price',
    plural: 'prices',
    routes: {
      list: 'tenant-prices.list',
      get: 'tenant-prices.get',
      create: 'tenant-prices.create',
      update: 'tenant-prices.update',
      delete: 'tenant-prices.delete',
    },
    columns: ['connection', 'model', 'valid_from', 'currency', 'amounts', 'markup_per_mille', 'id'],
    shownOf: shownPrice,
    rowOf: priceRow,
  }).description("a tenant's own prices and mark-ups");
}

/** What of the amounts of a price is no money. */
const plainNumbers = new Set(['above', 'batch_discount']);

/** A price with its amounts in units of the currency. */
function shownPrice(price: Record<string, unknown>): Record<string, unknown> {
  return { ...price, amounts: shownAmounts(price['amounts']) };
}

function shownAmounts(amounts: unknown): unknown {
  if (typeof amounts !== 'object' || amounts === null) return amounts;
  const shown = ([name, value]: [string, unknown]): [string, unknown] =>
    typeof value === 'number' && !plainNumbers.has(name) ? [name, new Money(value)] : [name, shownAmounts(value)];
  return Object.fromEntries(Object.entries(amounts).map(shown));
}

/** The same in one line. */
function priceRow(price: Record<string, unknown>): Record<string, unknown> {
  return { ...price, amounts: inLine(shownAmounts(price['amounts'])) };
}

function inLine(amounts: unknown): string {
  if (typeof amounts !== 'object' || amounts === null || amounts instanceof Money) return cellText('', amounts);
  return Object.entries(amounts)
    .map(
      ([name, value]) =>
        `${name} ${typeof value === 'object' && !(value instanceof Money) ? `(${inLine(value)})` : inLine(value)}`,
    )
    .join(', ');
}

/** What applies, and what a call would cost where its use was given. */
function explanationText(explanation: PriceExplanation, isUseGiven: boolean): string {
  const { connection, provider, model, at, price, cost, charge } = explanation;
  const call = `A call of ${printable(model)} on ${printable(connection)} at ${cellText('starts_at', at)}`;
  if (price === null) {
    const whose =
      provider === null ? 'nobody knows whose address the connection has' : `${provider} has no price for the model here`;
    return `${call} has no price: ${whose}, and the tenant has none of its own.\n`;
  }
  const { id, currency, amounts, markup_per_mille: markup } = price;
  const lines = fieldLines({ price: id, currency, amounts: shownAmounts(amounts), markup_per_mille: markup });
  const sum =
    cost === null || charge === null
      ? isUseGiven
        ? 'It has no cost: the price says nothing of a part of what the call takes. Budgets in money cannot count such calls.'
        : 'Give --use to see what a call costs.'
      : `It costs ${new Money(cost).text()} ${currency} and is charged at ${new Money(charge).text()} ${currency}.`;
  return `${call} has this price:\n\n${lines}\n${sum}\n`;
}
