import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { eraseTenantRequest, erasureObject, type ErasureObject } from '../contracts/erasures.js';
import { print, remark, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { addFieldOptions, givenFields } from './field-options.js';
import { addResource } from './resource-commands.js';
import { table } from './table.js';

const askEveryMs = 500;
const mostSeconds = 86_400;

interface Flags extends Readonly<Record<string, unknown>> {
  readonly wait: string;
}

/** `gt tenant erase`: has a tenant erased, waits for the proof, and ends with 1 where something is left. */
export function addErase(group: Command, context: CliContext): void {
  const command = group.command('erase <tenant>').description(adminRouteRow('tenants.erase').summary);
  addFieldOptions(command, eraseTenantRequest)
    .option('--wait <seconds>', 'how long to wait for the proof; 0: not at all', '600')
    .action(async (named: string, flags: Flags) => {
      const seconds = Number(flags.wait);
      if (!Number.isInteger(seconds) || seconds < 0 || seconds > mostSeconds)
        throw usageError(`--wait must be a number of seconds from 0 to ${mostSeconds}.`);
      const { confirm = await typedSlug(context, named) } = givenFields(eraseTenantRequest, flags);
      const begun = erasureObject.parse(await context.http.call('tenants.erase', { id: named, body: { confirm } }));
      remark(context, `The erasure ${begun.id} has begun: the tenant is stopped.`);
      const erasure = await ended(context, begun, seconds);
      if (erasure.state !== 'done') context.exitCode = 1;
      print(context, erasure, () => erasureReport(erasure));
    });
}

/** `gt erasure`: what became of erasures. */
export function addErasureCommands(program: Command, context: CliContext): void {
  addResource(program, context, {
    name: 'erasure',
    plural: 'erasures',
    routes: { list: 'erasures.list', get: 'erasures.get' },
    columns: ['created_at', 'tenant', 'slug', 'state', 'attempts', 'failure', 'finished_at', 'id'],
  }).description('erasures of tenants');
}

/** What is erased cannot be brought back, so that a yes is not enough: the slug is typed once more, or stands in --confirm. */
async function typedSlug(context: CliContext, named: string): Promise<string> {
  if (!context.io.isInteractive || context.flags().json === true || context.flags().yes === true)
    throw usageError(`What is erased cannot be brought back. Say which tenant you mean once more: --confirm ${named}`);
  const { isCancel, text } = await import('@clack/prompts');
  const typed = await text({ message: `Everything of ${named} is erased for good. Type its slug:` });
  if (isCancel(typed)) throw usageError('Nothing was erased.');
  return typed;
}

async function ended(context: CliContext, begun: ErasureObject, seconds: number): Promise<ErasureObject> {
  const startedAt = performance.now();
  let known = begun;
  while (known.state !== 'done' && performance.now() - startedAt < seconds * 1_000) {
    await wait(askEveryMs);
    known = erasureObject.parse(await context.http.call('erasures.get', { id: begun.id }));
  }
  return known;
}

/** What was searched, what is left, and what stays and why. */
function erasureReport({ id, tenant, state, failure, proof }: ErasureObject): string {
  const lines = [
    state === 'done'
      ? `Nothing is left of ${tenant}.`
      : `The erasure of ${tenant} is not over: gt erasure get ${id} shows it later.`,
    ...(failure === null ? [] : [failure]),
  ];
  if (proof === null) return `${[...lines, 'Nothing was searched yet: does a worker run?'].join('\n')}\n`;
  const { tables, rows, objects, jobs, left, kept } = proof;
  lines.push(
    `${tables} tables, the storage and the queues were searched: ${rows} rows, ${objects} objects and ${jobs} jobs are left.`,
  );
  return [
    `${lines.join('\n')}\n`,
    ...(left.length === 0 ? [] : [`LEFT\n${table(['table', 'rows'], left)}`]),
    ...(kept.length === 0 ? [] : [`KEPT\n${table(['table', 'rows', 'reason'], kept)}`]),
  ].join('\n');
}
