import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { matchRoute } from '../catalog/match-route.js';
import type { RouteId } from '../catalog/routes.js';
import { findBaseUrl } from './access.js';
import { AdminHttp } from './admin-http.js';
import { print, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { checkLine, type Check } from './doctor/check.js';
import { AdminView } from './doctor/field/admin-view.js';
import { spelledBaseUrl } from './doctor/field/base-url.js';
import { examineField } from './doctor/field/field-doctor.js';
import { examineServer } from './doctor/server/server-doctor.js';

interface Flags {
  readonly baseUrl?: string;
  readonly key?: string;
  readonly keyEnv?: string;
  readonly model?: string;
  readonly route: readonly string[];
  readonly prompt: string;
  readonly adminToken?: string;
  readonly adminTokenEnv?: string;
  readonly ca?: string;
}

/** Long enough that a stream takes a while, short enough to cost next to nothing. */
const usualPrompt = 'Count from 1 to 120. Write one number on each line and nothing else.';

/** `gt doctor`: judges the set-up of a client, with a base URL, or that of the platform's own machine. */
export function addDoctorCommand(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description(
      "Find what is wrong and what to do: with --base-url and a key between a client and the platform, without arguments in the platform's own set-up",
    )
    .option('--base-url <url>', 'base URL of the data plane, as the client has it')
    .option('--key <key>', 'key of the client')
    .option('--key-env <name>', 'variable of the environment that holds the key')
    .option('--model <name>', 'model that the client names (else the default one)')
    .option('--route <route>', 'call that the client makes, like "POST /embeddings"; may be given several times', collect, [])
    .option('--prompt <text>', 'what the model is asked', usualPrompt)
    .option('--admin-token <token>', 'admin token, to look at the admin plane too (beside the base URL, or at --url)')
    .option('--admin-token-env <name>', 'variable of the environment that holds the admin token')
    .option('--ca <file>', 'certificates (PEM) to trust')
    .action(async (flags: Flags) => {
      const isField = flags.baseUrl !== undefined || flags.key !== undefined || flags.keyEnv !== undefined;
      const checks = isField ? await field(context, flags) : await examineServer(context.io.env);
      const ok = checks.every((check) => check.ok);
      print(context, { object: 'doctor', ok, checks }, () => checks.map(checkLine).join(''));
      if (!ok) context.exitCode = 1;
    });
}

function collect(value: string, former: readonly string[]): string[] {
  return [...former, value];
}

function field(context: CliContext, flags: Flags): Promise<Check[]> {
  const { io } = context;
  const baseUrl = findBaseUrl(flags.baseUrl, context.flags(), io.env);
  if (baseUrl === undefined) throw usageError('--base-url is missing: the base URL that the client has.');
  const key = secretOf(flags.key, flags.keyEnv, '--key-env', io.env);
  if (key === undefined) throw usageError('--key or --key-env is missing: the key that the client has.');
  const token = secretOf(flags.adminToken, flags.adminTokenEnv, '--admin-token-env', io.env);
  const wish = { baseUrl, key, model: flags.model, routes: flags.route.map(routeOf), prompt: flags.prompt };
  const { url, tenant } = context.flags();
  const adminAt = (place: string): AdminView | null =>
    token === undefined ? null : new AdminView(new AdminHttp(() => ({ url: url ?? adminBeside(place), token }), {}), tenant);
  return examineField(wish, { ca: flags.ca === undefined ? undefined : certificates(flags.ca) }, adminAt);
}

function secretOf(
  given: string | undefined,
  name: string | undefined,
  flag: string,
  env: CliContext['io']['env'],
): string | undefined {
  if (given !== undefined || name === undefined) return given;
  const value = env[name];
  if (value === undefined || value === '') throw usageError(`${flag}: the environment variable ${name} is not set.`);
  return value;
}

function routeOf(text: string): RouteId {
  const [, method = '', path = ''] = /^\s*([A-Za-z]+)\s+(\S+)\s*$/.exec(text) ?? [];
  const match = method === '' ? undefined : matchRoute(method.toUpperCase(), path);
  if (match?.kind !== 'row')
    throw usageError(`--route: "${text}" is no route of the data plane; write it like "POST /embeddings".`);
  return match.id;
}

/** The admin plane of the platform that has this base URL. */
function adminBeside(baseUrl: string): string {
  return (spelledBaseUrl(baseUrl).candidates[0] ?? baseUrl).replace(/\/api\/tenant\/v1$/, '/api/admin/v1');
}

function certificates(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw usageError(`--ca: ${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}).`);
  }
}
