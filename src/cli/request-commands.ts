import type { Command } from 'commander';
import type { CliContext } from './cli-context.js';
import { inUnits } from './money.js';
import { addResource, type Resource } from './resource-commands.js';

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
  addResource(program, context, requests);
}
