import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { remark, type CliContext } from './cli-context.js';
import { addFieldOptions } from './field-options.js';
import { inUnits } from './money.js';
import { addResource, addVerb, queryOf, type Resource } from './resource-commands.js';
import { cellText } from './table.js';

const priced = ['cost', 'charge'];

const requests: Resource = {
  name: 'request',
  plural: 'calls of the keys',
  routes: { list: 'requests.list', get: 'requests.get' },
  columns: [
    'created_at',
    'key_name',
    'route',
    'endpoint',
    'status',
    'error_code',
    'count',
    'latency_ms',
    'first_token_ms',
    'total_tokens',
    'charge',
    'currency',
    'client_address',
    'id',
  ],
  rowOf: (request) => inUnits(request, priced),
  shownOf: (request) => inUnits(request, priced),
};

/** `gt request`: the request log of a tenant. */
export function addRequestCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, requests);
  addTail(group, context);
  addVerb(group, context, requests, 'bodies', 'requests.bodies');
}

/** Prints each call as it is logged: a line of its fields, or one of JSON with --json. */
function addTail(group: Command, context: CliContext): void {
  const { query, summary } = adminRouteRow('requests.tail');
  const command = group.command('tail').description(summary);
  if (query !== undefined) addFieldOptions(command, query);
  command.action(async (flags: Record<string, unknown>) => {
    const onEvent = (event: string, data: unknown): void => {
      const row = data as Record<string, unknown>;
      if (context.flags().json === true) context.io.out(`${JSON.stringify(data)}\n`);
      else if (event === 'request') context.io.out(`${lineOf(row)}\n`);
      else remark(context, `${cellText('count', row['count'])} more calls are not shown: "gt request list" has them.`);
    };
    await context.http.call('requests.tail', { query: queryOf(context, 'requests.tail', flags), onEvent, isLive: true });
  });
}

function lineOf(row: Record<string, unknown>): string {
  return requests.columns.map((name) => cellText(name, inUnits(row, priced)[name])).join('  ');
}
