import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { question } from '../bodies.js';
import { runCodex } from './codex.js';
import type { Given, Told } from './program.js';

const codex = '@openai/codex';

/** The clients that can be started. */
const known: ReadonlySet<string> = new Set(['openai', 'ai', '@langchain/openai', '@openai/agents', codex]);

const timeoutMs = 120_000;
const mostBytes = 1024 * 1024;

/** The real client of a product, where its package is installed. */
export interface RealClient {
  /** Package and version. */
  readonly name: string;
  /** Runs what it can in a process of its own. @throws Error when the program itself fails. */
  run(told: Pick<Told, 'baseURL' | 'apiKey' | 'model' | 'embedModel'>): Promise<Readonly<Record<string, Given>>>;
}

/** @param folder in whose `node_modules` the packages are. @returns undefined for clients that are not there. */
export function findRealClient(packages: readonly string[], folder: string): RealClient | undefined {
  const [client] = packages;
  const where = resolve(folder);
  if (client === undefined || !known.has(client)) return undefined;
  if (!packages.every((name) => existsSync(join(where, 'node_modules', name, 'package.json')))) return undefined;
  const { version } = JSON.parse(readFileSync(join(where, 'node_modules', client, 'package.json'), 'utf8')) as {
    version: string;
  };
  const run: RealClient['run'] = (told) =>
    client === codex
      ? runCodex(join(where, 'node_modules/.bin/codex'), { question, ...told })
      : runProgram({ client, folder: where, question, ...told });
  return { name: `${client} ${version}`, run };
}

function runProgram({ apiKey, ...told }: Told): Promise<Readonly<Record<string, Given>>> {
  // The program is what was built, also when this file is not.
  const program = fileURLToPath(new URL('./program.js', import.meta.url)).replace('/src/verification/', '/dist/verification/');
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, JSON.stringify(told)], { env: {}, timeout: timeoutMs, stdio: 'pipe' });
    let [out, err] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => {
      out += piece.toString();
      if (out.length > mostBytes) child.kill();
    });
    child.stderr.on('data', (piece: Buffer) => (err = (err + piece.toString()).slice(-2_000)));
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done(JSON.parse(out.slice(out.lastIndexOf('\n'))) as Record<string, Given>);
      else fail(new Error(`The client ended with ${code ?? 'a signal'}: ${err}`));
    });
    // A program that ends early closes its input; how it ended says more.
    child.stdin.on('error', () => undefined);
    child.stdin.end(apiKey);
  });
}
