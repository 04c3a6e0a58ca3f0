import type { Command } from 'commander';
import { findRunbook, runbooks } from '../catalog/runbooks/index.js';
import type { RunbookVerification } from '../contracts/runbook-verifications.js';
import { originOf } from '../verification/documented-form.js';
import { findRealClient } from '../verification/packages/real-client.js';
import type { ClientRow } from '../verification/run.js';
import { canBeEmulated, verifyRunbook } from '../verification/verify.js';
import { findBaseUrl } from './access.js';
import { AdminHttp } from './admin-http.js';
import { print, remark, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { inTurn } from './in-turn.js';
import { withTenant } from './only-tenant.js';
import { startProgress } from './progress.js';
import { RunKeys } from './runbook-run-keys.js';
import { verifyOnServer } from './runbook-on-server.js';
import { checkRecordFile, recordRuns } from './runbook-record.js';
import { junitOf, reportText, summaryText, writeReport } from './runbook-report.js';

interface Flags {
  readonly all?: true;
  readonly baseUrl?: string;
  readonly configured?: string;
  readonly key?: string;
  readonly adminToken?: string;
  readonly model?: string;
  readonly embedModel?: string;
  readonly dataset?: string;
  readonly packages: string;
  readonly emulator?: true;
  readonly onServer?: true;
  readonly junit?: string;
  readonly record?: true;
}

/** Two slow cores carry this many runs at once; most of a run is waiting. */
const runsAtOnce = 4;
/** Far more than any run sends: against a client that never ends. */
const mostCalls = 200;

/** The real clients of the source tree. */
const packagesFolder = 'test/clients';

/** `gt runbook verify`: goes through runbooks against a running platform, and fails when a step fails. */
export function addRunbookVerify(group: Command, context: CliContext): void {
  group
    .command('verify [product]')
    .description("Go through a runbook's prerequisites, set-up and checklist against a running platform, as its client would")
    .option('--all', 'every product of which a client can be made')
    .option('--base-url <url>', 'address of the platform in any spelling (else beside the admin plane)')
    .option('--configured <url>', 'what stands in the product for its base URL, where it is not what the runbook says')
    .option('--key <secret>', 'the key to call with; without it, keys are made for the run with the admin token, and revoked')
    .option('--admin-token <token>', 'admin token for those keys (else --token, GT_ADMIN_TOKEN, or that of "npm run up")')
    .option('--model <name>', 'the published name to call (else the default of the key)')
    .option('--embed-model <name>', 'the published name for embeddings (else the first that embeds)')
    .option('--dataset <alias>', 'the dataset to upload into (else the first that the key may use)')
    .option('--packages <folder>', 'where real clients from npm are installed; those that are there are used', packagesFolder)
    .option('--emulator', 'uses no real client')
    .option('--on-server', 'has a worker of the platform do it, with a stand-in and keys of its own')
    .option('--junit <file>', 'writes the steps as a JUnit file too')
    .option('--record', 'with --all: keeps the runs that passed as evidence in the source tree')
    .action(async (product: string | undefined, flags: Flags) => verify(context, product, flags));
}

async function verify(context: CliContext, product: string | undefined, flags: Flags): Promise<void> {
  const rows = rowsOf(product, flags);
  if (flags.onServer === true) {
    report(context, [await onServer(context, rows, flags)], flags);
    return;
  }
  if (flags.record === true) checkRecordFile();
  const baseUrl = findBaseUrl(flags.baseUrl, context.flags(), context.io.env);
  if (baseUrl === undefined) throw usageError('There is no address of the platform: give --base-url.');
  report(context, await runAll(context, rows, originOf(baseUrl), flags), flags);
}

function report(context: CliContext, done: readonly RunbookVerification[], flags: Flags): void {
  if (done.some(({ outcome }) => outcome === 'fail')) context.exitCode = 1;
  if (flags.junit !== undefined) writeReport(flags.junit, junitOf(done));
  if (flags.record === true) remark(context, recordRuns(done));
  const [only] = done;
  if (flags.all !== true && only !== undefined) print(context, only, () => reportText(only));
  else print(context, { object: 'list', data: done, ...countsOf(done) }, () => summaryText(done));
}

/** @throws CliError for what a worker cannot be asked for. */
async function onServer(context: CliContext, [row]: readonly ClientRow[], flags: Flags): Promise<RunbookVerification> {
  const { all, key, baseUrl, configured, adminToken: token, model, embedModel, dataset } = flags;
  if (row === undefined || all === true) throw usageError('--on-server goes with one product.');
  if (key !== undefined || baseUrl !== undefined || configured !== undefined)
    throw usageError('--on-server takes no --key, --base-url or --configured: it makes its keys, and calls its own platform.');
  const http = new AdminHttp(() => ({ ...context.flags(), ...(token === undefined ? {} : { token }) }), context.io.env);
  return verifyOnServer(await withTenant({ ...context, http }), row.slug, { model, embed_model: embedModel, dataset });
}

async function runAll(
  context: CliContext,
  rows: readonly ClientRow[],
  origin: string,
  flags: Flags,
): Promise<RunbookVerification[]> {
  const { adminToken: token } = flags;
  const http = new AdminHttp(() => ({ ...context.flags(), ...(token === undefined ? {} : { token }) }), context.io.env);
  const keys = flags.key === undefined ? new RunKeys({ ...context, http }) : undefined;
  const progress = await startProgress(context, 'Verifying');
  let over = 0;
  const one = async (row: ClientRow, signal: AbortSignal): Promise<RunbookVerification> => {
    const made = keys === undefined ? undefined : await keys.forRow(row);
    const { configured, model, embedModel, dataset } = flags;
    const verification = await verifyRunbook({
      row,
      origin,
      key: flags.key ?? made?.get(row.preset) ?? '',
      keyOf: (preset) => made?.get(preset),
      realClient: flags.emulator === true ? undefined : findRealClient(row.client.npm, flags.packages),
      mostCalls,
      signal,
      ...{ configured, model, embedModel, dataset },
    });
    over += 1;
    progress.show(`${over} of ${rows.length}: ${row.name}`);
    return verification;
  };
  try {
    return await inTurn(rows, runsAtOnce, one);
  } finally {
    await keys?.revokeAll();
    progress.stop(`${over} of ${rows.length}`);
  }
}

/** @throws CliError for a product without a runbook, or of which no client can be made. */
function rowsOf(product: string | undefined, { all, configured, record }: Flags): ClientRow[] {
  if ((product === undefined) === (all !== true)) throw usageError('Name a product, or give --all.');
  if (all === true && configured !== undefined) throw usageError('--configured goes with one product.');
  if (all !== true && record === true) throw usageError('--record goes with --all.');
  if (product === undefined) return runbooks.filter(canBeEmulated);
  const row = findRunbook(product);
  if (row === undefined) throw usageError(`There is no runbook "${product}": gt runbook list shows them.`);
  if (!canBeEmulated(row)) throw usageError(`${row.name} is no client of the platform: ${row.summary}`);
  return [row];
}

function countsOf(done: readonly RunbookVerification[]) {
  const count = (wanted: RunbookVerification['outcome']): number => done.filter(({ outcome }) => outcome === wanted).length;
  return { passed: count('pass'), failed: count('fail'), skipped: count('skipped') };
}
