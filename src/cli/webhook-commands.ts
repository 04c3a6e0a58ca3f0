import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { deliveryObject } from '../contracts/webhooks.js';
import type { CliContext } from './cli-context.js';
import { addFieldOptions } from './field-options.js';
import { addResource, addVerb, idOf, queryOf, printList, type Resource } from './resource-commands.js';

const webhooks: Resource = {
  name: 'webhook',
  plural: 'webhooks',
  routes: {
    list: 'webhooks.list',
    get: 'webhooks.get',
    create: 'webhooks.create',
    update: 'webhooks.update',
    delete: 'webhooks.delete',
  },
  columns: ['url', 'events', 'state', 'overlap_ends_at', 'id'],
};

/** `gt webhook`: with `rotate` and `deliveries`. Webhooks go by their ids: two may have one address. */
export function addWebhookCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, webhooks);
  addVerb(group, context, webhooks, 'rotate', 'webhooks.rotate');
  const { query, summary } = adminRouteRow('webhooks.deliveries');
  const deliveries = group.command('deliveries <webhook>').description(summary);
  if (query !== undefined) addFieldOptions(deliveries, query);
  deliveries.action(async (named: string, flags: Record<string, unknown>) => {
    const id = await idOf(context, webhooks, named);
    const reply = await context.http.call('webhooks.deliveries', {
      id,
      query: queryOf(context, 'webhooks.deliveries', flags),
    });
    printList(
      context,
      reply,
      ['created_at', 'type', 'object', 'state', 'attempts', 'last_status', 'next_attempt_at', 'id'],
      (delivery) => ({ ...delivery, object: deliveryObject.parse(delivery).data.object.id }),
    );
  });
}
