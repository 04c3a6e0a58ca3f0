import { Command, CommanderError } from 'commander';
import { AdminHttp } from './admin-http.js';
import { addAgentCommands } from './agent-commands.js';
import { addApplyCommand } from './apply-command.js';
import { addApprovalCommands } from './approval-commands.js';
import { addAuditCommands } from './audit-commands.js';
import { addBudgetCommands } from './budget-commands.js';
import type { CliContext, GlobalFlags } from './cli-context.js';
import { CliError } from './cli-error.js';
import type { CliIo } from './cli-io.js';
import { addConnectionCommands } from './connection-commands.js';
import { addDatasetCommands } from './dataset-commands.js';
import { addDoctorCommand } from './doctor-command.js';
import { addEndpointCommands } from './endpoint-commands.js';
import { addExportCommand } from './export-command.js';
import { addFileCommands } from './file-commands.js';
import { addHarborCommands } from './harbor-commands.js';
import { addErasureCommands } from './erase-commands.js';
import { addLedgerCommands } from './ledger-commands.js';
import { addLimitCommands } from './limit-commands.js';
import { addKeyCommands } from './key-commands.js';
import { addMemberCommands } from './member-commands.js';
import { addMigrateCommand } from './migrate-command.js';
import { addOidcCommands } from './oidc-commands.js';
import { addOperatorCommands } from './operator-commands.js';
import { addPresetCommands } from './preset-commands.js';
import { addPriceCommands, addTenantPriceCommands } from './price-commands.js';
import { addProviderCommands } from './provider-commands.js';
import { addRequestCommands } from './request-commands.js';
import { addRunbookCommands } from './runbook-commands.js';
import { addSignInCommands } from './sign-in-commands.js';
import { addSecretsCommands } from './secrets-commands.js';
import { addStatementCommands } from './statement-commands.js';
import { addStorageCommand } from './storage-command.js';
import { addQueueCommand } from './queue-command.js';
import { printable } from './table.js';
import { addTenantCommands } from './tenant-commands.js';
import { addUsageCommands } from './usage-commands.js';
import { addWebhookCommands } from './webhook-commands.js';

const groups = [
  addApplyCommand,
  addExportCommand,
  addTenantCommands,
  addErasureCommands,
  addSignInCommands,
  addOidcCommands,
  addMemberCommands,
  addConnectionCommands,
  addProviderCommands,
  addDatasetCommands,
  addFileCommands,
  addAgentCommands,
  addEndpointCommands,
  addPresetCommands,
  addPriceCommands,
  addTenantPriceCommands,
  addBudgetCommands,
  addKeyCommands,
  addApprovalCommands,
  addLimitCommands,
  addRunbookCommands,
  addHarborCommands,
  addWebhookCommands,
  addRequestCommands,
  addUsageCommands,
  addStatementCommands,
  addLedgerCommands,
  addAuditCommands,
  addQueueCommand,
  addSecretsCommands,
  addStorageCommand,
  addMigrateCommand,
  addOperatorCommands,
  addDoctorCommand,
];

/**
 * Runs one command. Results go to `io.out`, faults as sentences to `io.err`.
 * @param argv the arguments alone, without the program's name.
 * @returns the exit code: 0 done; 1 the platform refused or cannot be reached; 2 the usage or a file is wrong and
 * nothing was changed.
 */
export async function main(argv: readonly string[], io: CliIo): Promise<0 | 1 | 2> {
  const program = newProgram(io);
  const flags = (): GlobalFlags => program.opts<GlobalFlags>();
  const context: CliContext = { io, flags, http: new AdminHttp(flags, io.env), exitCode: 0 };
  for (const add of groups) add(program, context);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return failure(error, io);
  }
}

function newProgram(io: CliIo): Command {
  return new Command('gt')
    .description(
      'The command line of the GT API. Commands speak to the admin plane over HTTP; harbor and doctor --base-url to the data plane; migrate, operator create, storage adopt and doctor alone to the database.',
    )
    .option('--url <url>', 'address of the admin plane (else GT_ADMIN_URL, else that of a running "npm run up")')
    .option('--token <token>', 'admin token (else GT_ADMIN_TOKEN, else that of a running "npm run up")')
    .option('--tenant <slug>', 'the tenant to work in, for operators')
    .option('--json', 'prints one JSON document')
    .option('-y, --yes', 'asks nothing')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: (text, write) => write(text.replace(/^error: /, 'gt: ')),
    });
}

function failure(error: unknown, io: CliIo): 0 | 1 | 2 {
  // Commander has said itself what is wrong; help and version are no faults.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CliError) {
    for (const line of error.lines) io.err(`gt: ${printable(line)}\n`);
    return error.exitCode;
  }
  io.err(`gt: ${printable(error instanceof Error ? error.message : String(error))}\n`);
  return 1;
}
