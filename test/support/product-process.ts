import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { testSettings } from './app.js';
import { compiledProduct } from './compiled-product.js';
import { runFolder } from './postgres.js';

/** The API or a worker as a process of its own, compiled from today's sources. */
export interface ProductProcess {
  readonly pid: number;
  /** `http://127.0.0.1:port` of an API; empty for a worker. */
  readonly url: string;
  /** Resolves with the signal when the process has ended. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /** Lines of its log so far. */
  readonly lines: readonly Record<string, unknown>[];
  /** `kill -9`. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code when the process has ended by itself, with null when a signal ended it. */
  stop(): Promise<number | null>;
}

export interface ProductOptions {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly settings?: Readonly<Record<string, string>>;
}

const readySigns = { main: 'listening', worker: 'working' } as const;

/**
 * V8 compiles functions again, for speed, when they have run for a while. A process of a test lives for seconds, and most of
 * what it does is to load the product once: with fifteen times the patience it starts with a fifth less of a core.
 */
export const shortLived = ['--interrupt-budget=1000000'];

/** Starts the program and waits until it is ready. @throws Error with its log when it ends before. */
export async function startProduct(program: keyof typeof readySigns, options: ProductOptions): Promise<ProductProcess> {
  const { databaseUrl, dataDir, settings } = options;
  const env = { ...testSettings, GT_LOG_LEVEL: 'info', DATABASE_URL: databaseUrl, GT_DATA_DIR: dataDir, ...settings };
  const script = join(await compiledProduct(), `${program}.js`);
  const child = spawn(process.execPath, [...shortLived, script], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Record<string, unknown>[] = [];
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  const ready = new Promise<Record<string, unknown>>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : { msg: line };
      lines.push(entry);
      if (entry['msg'] === readySigns[program]) resolve(entry);
    });
  });
  const failed = ended.then((signal) =>
    Promise.reject(new Error(`The ${program} ended (${signal ?? child.exitCode}): ${JSON.stringify(lines)}`)),
  );
  const entry = await Promise.race([ready, failed]);
  failed.catch(() => undefined);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  return {
    pid: child.pid ?? 0,
    url: String(entry['url'] ?? ''),
    ended,
    lines,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

/** What a program printed on standard error that could not start, and its exit code. */
export interface FailedProduct {
  readonly code: number | null;
  readonly complaint: string;
}

/** Starts the program with settings with which it cannot start, and waits for its end. */
export async function failProduct(
  program: keyof typeof readySigns,
  settings: Readonly<Record<string, string>>,
): Promise<FailedProduct> {
  const child = spawn(process.execPath, [...shortLived, join(await compiledProduct(), `${program}.js`)], {
    env: { PATH: process.env['PATH'], ...testSettings, GT_DATA_DIR: mkdtempSync(join(runFolder(), 'failing-')), ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, complaint };
}
