import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { explanationObject, explainKeyRequest, rotateKeyRequest } from '../contracts/keys.js';
import { confirmed, print, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { addResource, printList, printObject, tenantQueryOf } from './resource-commands.js';
import { printable, table } from './table.js';

type Flags = Readonly<Record<string, unknown>>;

/** `gt key`: with rotate, disable, enable, revoke, explain and exercise. */
export function addKeyCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, {
    name: 'key',
    plural: 'keys',
    routes: { list: 'keys.list', get: 'keys.get', create: 'keys.create', update: 'keys.update', delete: 'keys.delete' },
    columns: ['name', 'state', 'purpose', 'preset', 'agents', 'raw_models', 'datasets', 'last_four', 'last_used_at', 'id'],
  });
  addRotate(group, context);
  for (const verb of ['disable', 'enable', 'revoke'] as const) addStateVerb(group, context, verb);
  addExplain(group, context);
  group
    .command('exercise <key>')
    .description(adminRouteRow('keys.exercise').summary)
    .action(async (id: string) => {
      const reply = await context.http.call('keys.exercise', { id, query: tenantQueryOf(context, 'keys.exercise') });
      printList(context, reply, ['kind', 'value', 'calls', 'first_at', 'last_at']);
    });
}

function addRotate(group: Command, context: CliContext): void {
  addFieldOptions(group.command('rotate <key>').description(adminRouteRow('keys.rotate').summary), rotateKeyRequest).action(
    async (id: string, flags: Flags) => {
      const body = givenFields(rotateKeyRequest, flags);
      checkFields(rotateKeyRequest, body);
      printObject(context, await context.http.call('keys.rotate', { id, query: tenantQueryOf(context, 'keys.rotate'), body }));
    },
  );
}

function addStateVerb(group: Command, context: CliContext, verb: 'disable' | 'enable' | 'revoke'): void {
  const route = `keys.${verb}` as const;
  group
    .command(`${verb} <key>`)
    .description(adminRouteRow(route).summary)
    .action(async (id: string) => {
      if (verb === 'revoke' && !(await confirmed(context, `Revoke the key ${id} for good?`)))
        throw usageError('Nothing was revoked.');
      printObject(context, await context.http.call(route, { id, query: tenantQueryOf(context, route), body: {} }));
    });
}

function addExplain(group: Command, context: CliContext): void {
  addFieldOptions(group.command('explain <key>').description(adminRouteRow('keys.explain').summary), explainKeyRequest).action(
    async (id: string, flags: Flags) => {
      const body = givenFields(explainKeyRequest, flags);
      checkFields(explainKeyRequest, body);
      const reply = await context.http.call('keys.explain', { id, query: tenantQueryOf(context, 'keys.explain'), body });
      const { allowed, status, code, steps } = explanationObject.parse(reply);
      print(context, reply, () => {
        const verdict = allowed ? 'allowed' : `refused: ${status}${code === null ? '' : ` ${printable(code)}`}`;
        return `${verdict}\n\n${table(
          ['ok', 'check', 'detail'],
          steps.map((step) => ({ ...step, ok: step.ok ? 'yes' : 'NO' })),
        )}`;
      });
    },
  );
}
