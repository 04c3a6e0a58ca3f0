import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { question } from '../bodies.js';
import { runCodex } from './codex.js';
import type { CommandTold } from './command.js';
import { endAfter } from './end-after.js';
import { opencodeProgramPackage, runOpencode } from './opencode.js';
import type { Given, Told } from './program.js';
import { runPromptfoo } from './promptfoo.js';

/** The clients that a program imports. */
const modules: ReadonlySet<string> = new Set(['openai', 'ai', '@langchain/openai', '@llamaindex/openai', '@openai/agents']);

interface CommandClient {
  /** The packages that have the program, and where; the first that is installed is taken. */
  readonly programs: readonly { readonly name: string; readonly file: string }[];
  readonly run: (program: string, told: CommandTold) => Promise<Readonly<Record<string, Given>>>;
}

/** The clients that are commands. */
const commands: ReadonlyMap<string, CommandClient> = new Map([
  ['@openai/codex', { programs: [{ name: '@openai/codex', file: '.bin/codex' }], run: runCodex }],
  [
    'opencode-ai',
    {
      programs: [
        { name: 'opencode-ai', file: '.bin/opencode' },
        { name: opencodeProgramPackage, file: `${opencodeProgramPackage}/bin/opencode` },
      ],
      run: runOpencode,
    },
  ],
  ['promptfoo', { programs: [{ name: 'promptfoo', file: '.bin/promptfoo' }], run: runPromptfoo }],
]);

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
  if (client === undefined) return undefined;
  const where = join(resolve(folder), 'node_modules');
  const command = commands.get(client);
  if (command !== undefined) {
    const program = command.programs.find(({ name }) => isInstalled(where, name));
    if (program === undefined) return undefined;
    return {
      name: named(where, program.name),
      run: (told) => command.run(join(where, program.file), { question, ...told }),
    };
  }
  if (!modules.has(client) || !packages.every((name) => isInstalled(where, name))) return undefined;
  return { name: named(where, client), run: (told) => runProgram({ client, folder: resolve(folder), question, ...told }) };
}

function isInstalled(where: string, name: string): boolean {
  return existsSync(join(where, name, 'package.json'));
}

function named(where: string, name: string): string {
  const { version } = JSON.parse(readFileSync(join(where, name, 'package.json'), 'utf8')) as { version: string };
  return `${name} ${version}`;
}

function runProgram({ apiKey, ...told }: Told): Promise<Readonly<Record<string, Given>>> {
  // The program is what was built, also when this file is not.
  const program = fileURLToPath(new URL('./program.js', import.meta.url)).replace('/src/verification/', '/dist/verification/');
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, JSON.stringify(told)], { env: {}, stdio: 'pipe' });
    endAfter(child, timeoutMs);
    let [out, err] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => {
      out += piece.toString();
      if (out.length > mostBytes) child.kill();
    });
    child.stderr.on('data', (piece: Buffer) => (err = (err + piece.toString()).slice(-2_000)));
    child.on('error', fail);
    child.on('close', (code) => {
      const given = code === 0 ? givenIn(out) : undefined;
      if (given !== undefined) done(given);
      else fail(new Error(`The client ended with ${code ?? 'a signal'}: ${err}`));
    });
    // A program that ends early closes its input; how it ended says more.
    child.stdin.on('error', () => undefined);
    child.stdin.end(apiKey);
  });
}

/** What the program wrote last; undefined where it ended before that. */
function givenIn(out: string): Record<string, Given> | undefined {
  try {
    return JSON.parse(out.slice(out.lastIndexOf('\n'))) as Record<string, Given>;
  } catch {
    return undefined;
  }
}
