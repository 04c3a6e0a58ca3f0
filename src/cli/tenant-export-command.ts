import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { toFile } from './answer-file.js';
import { print, remark, type CliContext } from './cli-context.js';

/** `gt tenant export`: all of a tenant as a tar archive. */
export function addTenantExport(group: Command, context: CliContext): void {
  group
    .command('export <tenant>')
    .description(adminRouteRow('tenants.export').summary)
    .option('-o, --output <file>', 'where to write the archive; else <tenant>.tar')
    .action(async (named: string, { output = `${named}.tar` }: { readonly output?: string }) => {
      await toFile(context, 'tenants.export', { id: named }, output);
      print(context, { object: 'tenant.export', file: output }, () => '');
      remark(context, `Wrote ${output}. It holds personal data: keep it where others cannot read it.`);
    });
}
