import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { explainPriceRequest } from '../contracts/prices.js';
import type { CliContext } from './cli-context.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { addResource, printObject, tenantQueryOf } from './resource-commands.js';

/** `gt price`: what providers take, for the whole platform; with `explain`. */
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
  const explain = group.command('explain').description(adminRouteRow('prices.explain').summary);
  addFieldOptions(explain, explainPriceRequest).action(async (flags: Record<string, unknown>) => {
    const body = givenFields(explainPriceRequest, flags);
    checkFields(explainPriceRequest, body);
    printObject(context, await context.http.call('prices.explain', { query: tenantQueryOf(context, 'prices.explain'), body }));
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
