import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import {
  keyExerciseQuery,
  keyExerciseReport,
  keyNarrowingObject,
  narrowKeyRequest,
  type KeyExerciseReportObject,
  type KeyNarrowingObject,
} from '../contracts/key-exercise.js';
import { confirmed, print, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { queryOf, tenantQueryOf } from './resource-commands.js';
import { cellText, fieldLines, printable, table } from './table.js';

type Flags = Readonly<Record<string, unknown>>;

/** `gt key exercise`: what a key may do, beside what it really used. */
export function addExercise(group: Command, context: CliContext): void {
  const { summary } = adminRouteRow('keys.exercise');
  addFieldOptions(group.command('exercise <key>').description(summary), keyExerciseQuery).action(
    async (id: string, flags: Flags) => {
      const reply = await context.http.call('keys.exercise', { id, query: queryOf(context, 'keys.exercise', flags) });
      print(context, reply, () => reportText(keyExerciseReport.parse(reply)));
    },
  );
}

/** `gt key narrow`: takes from a key what its calls did not need. A person is asked first. */
export function addNarrow(group: Command, context: CliContext): void {
  const { summary } = adminRouteRow('keys.narrow');
  addFieldOptions(group.command('narrow <key>').description(summary), narrowKeyRequest).action(
    async (id: string, flags: Flags) => {
      const body = givenFields(narrowKeyRequest, flags);
      checkFields(narrowKeyRequest, body);
      const call = async (asked: object): Promise<KeyNarrowingObject> =>
        keyNarrowingObject.parse(
          await context.http.call('keys.narrow', { id, query: tenantQueryOf(context, 'keys.narrow'), body: asked }),
        );
      const planned = await call({ ...body, dry_run: true });
      const isAsked = body['dry_run'] !== true && planned.changed;
      if (isAsked && !(await confirmed(context, `Take ${planned.removed.join(', ')} from the key ${printable(planned.name)}?`)))
        throw usageError('Nothing was changed.');
      const done = body['dry_run'] === true ? planned : await call(body);
      print(context, done, () => narrowingText(done));
    },
  );
}

function reportText(report: KeyExerciseReportObject): string {
  const { data, scopes, narrowest, links, linked_by: linkedBy } = report;
  const used = data.length === 0 ? 'Nothing was used.\n' : table(['kind', 'value', 'calls', 'first_at', 'last_at'], data);
  const lines = fieldLines({
    ...scopes,
    narrowest: narrowest?.scopes ?? 'no scope of its own was needed: disable or revoke the key if nobody uses it',
    ...(narrowest === null ? {} : { 'narrowest preset': narrowest.preset }),
    ...Object.fromEntries(links.map(({ as, name, unused }) => [`unused of its ${as} link ${name}`, unused])),
    ...(linkedBy.length === 0 ? {} : { 'counted with it': linkedBy.map(({ name }) => name) }),
  });
  return `${used}\n${lines}`;
}

function narrowingText({ name, changed, dry_run: isDry, after, removed }: KeyNarrowingObject): string {
  const [key, left, taken] = [printable(name), cellText('', after), cellText('', removed)];
  if (!changed) return `Nothing is to be taken from ${key}: its calls needed ${left}.\n`;
  return `${isDry ? 'Would be taken' : 'Taken'} from ${key}: ${taken}.\nLeft: ${left}.\n`;
}
