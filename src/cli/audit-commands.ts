import type { Command } from 'commander';
import { adminRouteRow } from '../catalog/admin-routes.js';
import { auditVerificationObject, type AuditVerificationObject } from '../contracts/audit-verification.js';
import { addAuditExport } from './audit-export.js';
import { auditReport } from './audit-report.js';
import { print, type CliContext } from './cli-context.js';
import { addResource } from './resource-commands.js';
import { atEachTenant } from './tenant-slugs.js';

/** What a table shows of a change. */
export const auditColumns = [
  'created_at',
  'actor',
  'actor_role',
  'action',
  'kind',
  'object_id',
  'before',
  'changes',
  'sealed',
] as const;

/** `gt audit`: who changed what in a tenant. What belongs to no tenant is in `gt operator audit`. */
export function addAuditCommands(program: Command, context: CliContext): void {
  const group = addResource(program, context, {
    name: 'audit',
    plural: 'changes',
    routes: { list: 'audit.list' },
    columns: auditColumns,
  });
  addAuditExport(group, context, 'audit.export');
  group
    .command('verify')
    .description(`${adminRouteRow('audit.verify').summary}; operators who name no tenant verify all of them`)
    .action(async () => {
      const found = await atEachTenant(context, async (tenant) =>
        auditVerificationObject.parse(await context.http.call('audit.verify', { query: { tenant } })),
      );
      tellVerifications(context, found);
    });
}

/** `gt operator audit verify` and `export`. */
export function addOperatorAuditCommands(group: Command, context: CliContext): void {
  addAuditExport(group, context, 'operator-audit.export');
  group
    .command('verify')
    .description(adminRouteRow('operator-audit.verify').summary)
    .action(async () => {
      tellVerifications(context, [auditVerificationObject.parse(await context.http.call('operator-audit.verify'))]);
    });
}

/** Ends with 1 where something is wrong. */
function tellVerifications(context: CliContext, found: readonly AuditVerificationObject[]): void {
  if (!found.every(({ ok }) => ok)) context.exitCode = 1;
  const [only] = found;
  print(context, only !== undefined && found.length === 1 ? only : { object: 'list', data: found }, () =>
    found.map(auditReport).join('\n'),
  );
}
