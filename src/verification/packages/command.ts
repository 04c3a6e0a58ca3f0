import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enclosed } from './closed-proxy.js';
import { endAfter } from './end-after.js';
import type { Given, Told } from './program.js';

const usualLimitMs = 120_000;
const mostCharacters = 1024 * 1024;

/** What a client that is a command is told. */
export type CommandTold = Pick<Told, 'baseURL' | 'apiKey' | 'model' | 'question'>;

/** A command: a program, and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** How a command ended; of what it wrote, the end. */
export interface Ended {
  /** Null: a signal ended it, such as that of the time limit. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** The hosts beside the platform that it asked for; it reached none of them. */
  readonly refused: readonly string[];
}

/** Gives the work a folder of its own, which is removed after it. */
export async function inOwnFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'gt-client-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Runs a command in a folder, with nothing in its environment but this, and with no way to other hosts than that of `baseURL`.
 * @throws Error when it cannot be started.
 */
export async function ended(
  command: Command,
  { baseURL, env, ...surroundings }: Surroundings & { readonly baseURL: string },
): Promise<Ended> {
  const { result, refused } = await enclosed(baseURL, (ways) => started(command, { ...surroundings, env: { ...env, ...ways } }));
  return { ...result, refused };
}

interface Surroundings {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** How long it may take. */
  readonly limitMs?: number;
}

function started(
  [program, ...args]: Command,
  { folder, env, limitMs = usualLimitMs }: Surroundings,
): Promise<Omit<Ended, 'refused'>> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    endAfter(child, limitMs);
    let [out, err] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => (out = (out + piece.toString()).slice(-mostCharacters)));
    child.stderr.on('data', (piece: Buffer) => (err = (err + piece.toString()).slice(-2_000)));
    child.on('error', fail);
    child.on('close', (code) => done({ code, out, err }));
  });
}

/** The lines of what a command wrote that are JSON. */
export function eventsIn({ out }: Ended): unknown[] {
  return out.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
}

/** Says what a command answered, and whom else it would have called. */
export function answered(text: string, { refused }: Ended): Given {
  if (text === '') return { wrong: 'gives nothing' };
  const others = refused.length === 0 ? '' : ` (kept from calling ${refused.join(', ')})`;
  return { seen: text.slice(0, 200) + others };
}

/** Says how a command ended that should have answered. */
export function endedBadly({ code, out, err }: Ended): Given {
  return { wrong: `ended with ${code ?? 'a signal'}: ${(err || out).slice(-300)}` };
}
