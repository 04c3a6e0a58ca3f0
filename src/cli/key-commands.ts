import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { keyActivityQuery } from '../contracts/key-activity.js';
import { explanationObject, explainKeyRequest } from '../contracts/key-explanation.js';
import { keyReportQuery } from '../contracts/key-report.js';
import { confirmed, print, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { addExercise, addNarrow } from './key-exercise.js';
import { addResource, addVerb, printList, printObject, queryOf, tenantQueryOf, type Resource } from './resource-commands.js';
import { printable, table } from './table.js';

type Flags = Readonly<Record<string, unknown>>;

const keys: Resource = {
  name: 'key',
  plural: 'keys',
  routes: { list: 'keys.list', get: 'keys.get', create: 'keys.create', update: 'keys.update', delete: 'keys.delete' },
  columns: ['name', 'state', 'purpose', 'preset', 'agents', 'raw_models', 'datasets', 'last_four', 'last_used_at', 'id'],
};

/** `gt key`: with rotate, disable, enable, revoke, report, activity, explain, exercise and narrow. */
export function addKeyCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, keys);
  addVerb(group, context, keys, 'rotate', 'keys.rotate');
  addVerb(group, context, keys, 'disable', 'keys.disable');
  addVerb(group, context, keys, 'enable', 'keys.enable');
  addRevoke(group, context);
  addReport(group, context);
  addActivity(group, context);
  addExplain(group, context);
  addExercise(group, context);
  addNarrow(group, context);
}

/** `gt key report`: what should be looked after. */
function addReport(group: Command, context: CliContext): void {
  const { summary } = adminRouteRow('key-report.list');
  addFieldOptions(group.command('report').description(summary), keyReportQuery).action(async (flags: Record<string, unknown>) => {
    const reply = await context.http.call('key-report.list', { query: queryOf(context, 'key-report.list', flags) });
    printList(context, reply, ['name', 'state', 'findings', 'unused_scopes', 'narrowest_preset', 'last_used_at', 'expires_at']);
  });
}

/** `gt key activity`: how busy keys are. */
function addActivity(group: Command, context: CliContext): void {
  const { summary } = adminRouteRow('key-activity.list');
  addFieldOptions(group.command('activity').description(summary), keyActivityQuery).action(
    async (flags: Record<string, unknown>) => {
      const reply = await context.http.call('key-activity.list', { query: queryOf(context, 'key-activity.list', flags) });
      printList(context, reply, ['name', 'calls', 'since', 'hours', 'id']);
    },
  );
}

function addRevoke(group: Command, context: CliContext): void {
  group
    .command('revoke <key>')
    .description(adminRouteRow('keys.revoke').summary)
    .action(async (id: string) => {
      if (!(await confirmed(context, `Revoke the key ${id} for good?`))) throw usageError('Nothing was revoked.');
      printObject(
        context,
        await context.http.call('keys.revoke', { id, query: tenantQueryOf(context, 'keys.revoke'), body: {} }),
      );
    });
}

function addExplain(group: Command, context: CliContext): void {
  addFieldOptions(group.command('explain <key>').description(adminRouteRow('keys.explain').summary), explainKeyRequest).action(
    async (id: string, flags: Flags) => {
      const body = givenFields(explainKeyRequest, flags);
      checkFields(explainKeyRequest, body);
      const reply = await context.http.call('keys.explain', { id, query: tenantQueryOf(context, 'keys.explain'), body });
      const { allowed, held, status, code, steps } = explanationObject.parse(reply);
      if (!allowed) context.exitCode = 1;
      print(context, reply, () => {
        const verdict = allowed
          ? 'allowed'
          : held
            ? 'held: it waits for an approval'
            : `refused: ${status}${code === null ? '' : ` ${printable(code)}`}`;
        return `${verdict}\n\n${table(
          ['ok', 'check', 'detail'],
          steps.map((step) => ({ ...step, ok: step.ok ? 'yes' : 'NO' })),
        )}`;
      });
    },
  );
}
