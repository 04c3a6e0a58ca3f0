import type { Command } from 'commander';
import { harborManifest } from '../catalog/harbor/manifest.js';
import { AdminCallError, callAdmin } from '../contracts/admin-call.js';
import { harborManifest as manifestForm, type HarborManifest } from '../contracts/harbor.js';
import { findBaseUrl } from './access.js';
import { print, type CliContext } from './cli-context.js';
import { CliError, usageError } from './cli-error.js';
import { manifestChanges, type ManifestChanges } from './harbor-diff.js';
import { runAction } from './harbor-node.js';
import { fieldLines, table } from './table.js';
import { unreached } from './unreached.js';
import { readYamlFile } from './yaml-file.js';

interface Flags {
  readonly keyEnv?: string;
  readonly baseUrl?: string;
}

const timeoutMs = 60_000;

/** `gt harbor`: what a node of Harbor imports. These commands ask the data plane, with a key of the tenant. */
export function addHarborCommands(program: Command, context: CliContext): void {
  const group = program.command('harbor').description('the manifest that a node of Harbor imports');
  withFlags(
    group.command('manifest').description('Print the manifest of a key, or without one every action of this release'),
  ).action(async (flags: Flags) => {
    const manifest =
      flags.keyEnv === undefined
        ? harborManifest(baseUrlOf(context, flags) ?? 'https://<tenant-host>/api/tenant/v1/', () => true)
        : await manifestOfKey(context, flags);
    context.io.out(`${JSON.stringify(manifest, null, 2)}\n`);
  });
  withFlags(
    group
      .command('validate [file]')
      .description(
        'Call list-models as a node does, at the address that the manifest names or at --base-url; without a file, through the manifest of the key',
      ),
  ).action(async (file: string | undefined, flags: Flags) => {
    const key = keyOf(context, flags);
    const manifest = file === undefined ? await manifestOfKey(context, flags) : readManifest(file);
    const result = await runAction(at(manifest, context, flags), 'list-models', key);
    if (result.status !== 200) context.exitCode = 1;
    print(context, result, () => fieldLines({ ...result }));
  });
  group
    .command('diff <former> <later>')
    .description('Say what changed between two files with manifests')
    .action((former: string, later: string) => {
      const changes = manifestChanges(readManifest(former), readManifest(later));
      print(context, changes, () => changesText(changes));
    });
}

function withFlags(command: Command): Command {
  return command
    .option('--key-env <name>', 'variable of the environment that holds a key of the tenant')
    .option('--base-url <url>', 'base URL of the data plane (else beside the admin plane)');
}

/** The manifest with the address that was given, if any was, in place of its own. */
function at({ port, ...manifest }: HarborManifest, context: CliContext, flags: Flags): HarborManifest {
  const baseUrl = flags.baseUrl === undefined ? port.baseUrl : `${baseUrlOf(context, flags)}/`;
  return { ...manifest, port: { ...port, baseUrl } };
}

function baseUrlOf({ flags, io }: CliContext, { baseUrl }: Flags): string | undefined {
  return findBaseUrl(baseUrl, flags(), io.env);
}

function keyOf({ io }: CliContext, { keyEnv }: Flags): string {
  if (keyEnv === undefined) throw usageError('--key-env is missing: name the variable of the environment that holds a key.');
  const key = io.env[keyEnv];
  if (key === undefined || key === '') throw usageError(`--key-env: the environment variable ${keyEnv} is not set.`);
  return key;
}

/** @throws CliError when the platform cannot be reached, refuses the key, or answers something else. */
async function manifestOfKey(context: CliContext, flags: Flags): Promise<HarborManifest> {
  const token = keyOf(context, flags);
  const baseUrl = baseUrlOf(context, flags);
  if (baseUrl === undefined) throw usageError('There is no address of the data plane: give --base-url.');
  const url = `${baseUrl}/harbor/manifest`;
  const answer = await callAdmin({ method: 'GET', url, credential: { token }, limitMs: timeoutMs }).catch((cause: unknown) => {
    if (!(cause instanceof AdminCallError)) throw unreached(url, cause, '--base-url');
    const line =
      cause.refusal?.message ?? `${url} does not answer like the data plane (status ${cause.status}). Check --base-url.`;
    throw new CliError(1, [line], { cause });
  });
  const { success, data } = manifestForm.safeParse(answer);
  if (!success) throw new CliError(1, [`${url} answered something that is no manifest.`]);
  return data;
}

function readManifest(path: string): HarborManifest {
  const { success, data, error } = manifestForm.safeParse(readYamlFile(path));
  if (success) return data;
  const [issue] = error.issues;
  throw usageError(`${path} is no manifest of Harbor: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`);
}

function changesText({ former, later, isMaterial, port, actions }: ManifestChanges): string {
  const versions = former === later ? `Both have the version ${former}.` : `The version went from ${former} to ${later}.`;
  if (port.length === 0 && actions.length === 0) return `${versions} Nothing changed.\n`;
  const kind = isMaterial ? 'Something material changed.' : 'Only wording changed.';
  const source =
    isMaterial && former === later
      ? ' The release is the same: the two differ in what their keys may do, in the address, or were changed by hand.'
      : '';
  const rows = [
    ...(port.length === 0 ? [] : [{ action: '(the port)', change: 'changed', what: port }]),
    ...actions.map(({ slug, change, fields }) => ({ action: slug, change, what: fields })),
  ];
  return `${versions} ${kind}${source}\n\n${table(['action', 'change', 'what'], rows)}`;
}
