import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { explainPriceRequest, importPricesRequest, priceImportObject } from '../contracts/prices.js';
import { print, type CliContext } from './cli-context.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { addResource, printObject, tenantQueryOf } from './resource-commands.js';
import { table } from './table.js';

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
  }).description("providers' prices, for the whole platform");
  addImport(group, context);
  const explain = group.command('explain').description(adminRouteRow('prices.explain').summary);
  addFieldOptions(explain, explainPriceRequest).action(async (flags: Record<string, unknown>) => {
    const body = givenFields(explainPriceRequest, flags);
    checkFields(explainPriceRequest, body);
    printObject(context, await context.http.call('prices.explain', { query: tenantQueryOf(context, 'prices.explain'), body }));
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
  }).description("a tenant's own prices and mark-ups");
}
