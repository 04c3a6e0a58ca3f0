import type { Command } from 'commander';
import { applyObject, applyProgress, type ApplyObject, type ApplyResult, type PlatformFile } from '../contracts/platform-file.js';
import { RefusedError } from './admin-http.js';
import { confirmed, print, remark, type CliContext } from './cli-context.js';
import { CliError, usageError } from './cli-error.js';
import { readPlatformYaml } from './platform-yaml.js';
import { startProgress } from './progress.js';
import { printable, table } from './table.js';

interface ApplyFlags {
  readonly file: string;
  readonly prune?: true;
  readonly dryRun?: true;
}

interface ApplyOptions {
  readonly prune: boolean;
  readonly dry_run: boolean;
}

/** What goes in one request. */
interface Part {
  readonly place: string;
  readonly file: Partial<PlatformFile>;
  /** The place of its tenant in the file that was read. */
  readonly at: number;
}

/** What was done, and why it went no further. */
interface Outcome {
  readonly done: ApplyObject;
  readonly failure: CliError | undefined;
}

/** `gt apply`: makes the platform match a file (contract section 8). */
export function addApplyCommand(program: Command, context: CliContext): void {
  program
    .command('apply')
    .description('makes the platform match a file; running it again changes nothing')
    .requiredOption('-f, --file <file>', 'the file, or - for standard input')
    .option('--prune', 'deletes what the tenants of the file have and the file has not')
    .option('--dry-run', 'shows what would happen and changes nothing')
    .action(async (flags: ApplyFlags) => {
      const file = readPlatformYaml(flags.file, context.io.env);
      const options = { prune: flags.prune === true, dry_run: flags.dryRun === true };
      if (options.prune && !options.dry_run) await confirmDeletions(context, file);
      const { done, failure } = await applyAll(context, file, options);
      if (failure === undefined || done.results.length > 0) show(context, done, options.dry_run);
      if (failure !== undefined) throw new CliError(failure.exitCode, [`${flags.file}: ${failure.lines[0]}`], { cause: failure });
    });
}

/**
 * Sends the platform's prices and then one tenant after the other, each a transaction of its own: what is done is told, with the secrets of new keys,
 * even when a later tenant fails.
 */
async function applyAll(context: CliContext, file: PlatformFile, options: ApplyOptions): Promise<Outcome> {
  const results: ApplyResult[] = [];
  const outcome = (failure?: CliError): Outcome => ({
    done: { object: 'apply', changed: results.filter(isChange).length, results },
    failure,
  });
  const progress = await startProgress(context, options.dry_run ? 'comparing' : 'applying');
  for (const { place, file: part, at } of partsOf(file)) {
    progress.show(place);
    const onEvent = (event: string, data: unknown): void => {
      const told = event === 'apply.progress' ? applyProgress.safeParse(data) : undefined;
      if (told?.success === true) progress.show(`${place}: ${told.data.done} of ${told.data.total}`);
    };
    try {
      const body = { file: part, ...options };
      results.push(...applyObject.parse(await context.http.call('platform-file.apply', { body, onEvent })).results);
    } catch (error) {
      progress.stop('stopped');
      if (!(error instanceof CliError)) throw error;
      return outcome(inFile(error, at));
    }
  }
  progress.stop('done');
  return outcome();
}

function partsOf({ prices, tenants }: PlatformFile): Part[] {
  const ofTenants = tenants.map((tenant, at) => ({
    place: tenants.length === 1 ? tenant.slug : `${tenant.slug} (tenant ${at + 1} of ${tenants.length})`,
    file: { tenants: [tenant] },
    at,
  }));
  return prices === undefined ? ofTenants : [{ place: 'prices', file: { prices }, at: 0 }, ...ofTenants];
}

/** Each request holds one tenant; its place in the file is another. */
function inFile(error: CliError, at: number): CliError {
  if (!(error instanceof RefusedError)) return error;
  const { message } = error.refusal;
  const [line] = error.lines;
  return new CliError(1, [message.startsWith('tenants[0]') ? message.replace('tenants[0]', `tenants[${at}]`) : line], {
    cause: error,
  });
}

async function confirmDeletions(context: CliContext, file: PlatformFile): Promise<void> {
  if (!context.io.isInteractive || context.flags().yes === true || context.flags().json === true) return;
  const { done, failure } = await applyAll(context, file, { prune: true, dry_run: true });
  if (failure !== undefined) throw failure;
  const deletions = done.results.filter(({ action }) => action === 'deleted');
  if (deletions.length === 0) return;
  context.io.err(table(['action', 'kind', 'tenant', 'name', 'id'], deletions));
  if (!(await confirmed(context, `Delete ${deletions.length === 1 ? 'this' : `these ${deletions.length}`} for good?`)))
    throw usageError('Nothing was changed.');
}

function show(context: CliContext, done: ApplyObject, isDryRun: boolean): void {
  print(context, done, () => {
    const changes = done.results.filter(isChange);
    const secrets = done.results.filter(({ secret }) => secret !== undefined);
    const summary = `${isDryRun ? 'Would change' : 'Changed'} ${changes.length}, ${done.results.length - changes.length} as they are.\n`;
    return [
      changes.length === 0 ? '' : `${table(['action', 'kind', 'tenant', 'name', 'id'], changes)}\n`,
      secrets.length === 0
        ? ''
        : `New keys; their secrets are shown this once:\n${table(['tenant', 'name', 'secret'], secrets)}\n`,
      summary,
    ].join('');
  });
  for (const { kind, tenant, name, notices = [] } of done.results) {
    const of = tenant === null ? '' : ` of ${tenant}`;
    for (const notice of notices) remark(context, printable(`The ${kind} ${name}${of}: ${notice}`));
  }
}

function isChange({ action }: ApplyResult): boolean {
  return action !== 'unchanged';
}
