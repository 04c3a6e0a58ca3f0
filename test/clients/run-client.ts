import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newCredential } from '../../src/kernel/credentials.js';
import type { ClientPlatform, ClientRun } from './client-platform.js';

/** What one step of a client's script gave, or threw. */
export interface StepResult {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a client gives is judged by the test
  readonly value?: any;
  readonly error?: {
    readonly class: string;
    readonly name: string;
    readonly message: string;
    readonly status?: number;
    readonly code?: string | null;
    readonly type?: string;
    readonly param?: string | null;
    readonly isRetryable?: boolean;
  };
}

export type ClientResults = Readonly<Record<string, StepResult>>;

const folder = fileURLToPath(new URL('.', import.meta.url));
const run = promisify(execFile);

/**
 * Runs a script of `scripts/` in a Node of its own, where the clients from npm are loaded as their users load them.
 * @throws Error when the clients are not installed, or the script itself fails.
 */
export async function runClient(
  platform: ClientPlatform,
  script: string,
  { basePath, behind }: ClientRun,
  further: object = {},
): Promise<ClientResults> {
  if (!existsSync(`${folder}node_modules`)) throw new Error('The clients are not installed: run `npm ci --prefix test/clients`.');
  const { tenants, factory } = platform;
  const tenant = tenants[behind];
  const given = {
    baseURL: platform.app.url + basePath,
    secret: (await factory.key(tenant)).secret,
    chatSecret: (await factory.key(tenant, { scopes: ['inference:chat'] })).secret,
    unknownSecret: newCredential('gtak_'),
    ...further,
  };
  const env = { PATH: process.env['PATH'], GT_TEST_CLIENT: JSON.stringify(given) };
  const { stdout } = await run(process.execPath, [`${folder}scripts/${script}.mjs`], {
    env,
    timeout: 60_000,
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n'))) as ClientResults;
}
