import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { rotatedSecrets } from '../contracts/sealing-keys.js';
import { print, remark, type CliContext } from './cli-context.js';
import { printList } from './resource-commands.js';

/** `gt secrets`: the keys of GT_SECRET_KEYS, and what they have sealed. */
export function addSecretsCommands(program: Command, context: CliContext): void {
  const group = program.command('secrets').description('the keys that seal what is secret (GT_SECRET_KEYS)');
  group
    .command('show')
    .description(adminRouteRow('sealing-keys.list').summary)
    .action(async () => {
      printList(context, await context.http.call('sealing-keys.list'), ['id', 'state', 'secrets', 'passing', 'removable']);
    });
  group
    .command('rotate')
    .description(adminRouteRow('sealing-keys.rotate').summary)
    .action(async () => {
      let resealed = 0;
      for (;;) {
        const step = rotatedSecrets.parse(await context.http.call('sealing-keys.rotate'));
        resealed += step.resealed;
        if (step.has_more) {
          remark(context, `${resealed} sealed anew so far.`);
          continue;
        }
        print(context, { ...step, resealed }, () => `Secrets sealed anew: ${resealed}.\n`);
        for (const { what, tenant, id } of step.unopened)
          remark(context, `Does not open and must be given again: ${id} of ${tenant} (${what}).`);
        if (step.unopened.length > 0) context.exitCode = 1;
        return;
      }
    });
}
