import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { testSettings } from './app.js';
import { compileSource } from './compile-source.js';
import { runFolder } from './postgres.js';

/** A worker as a process of its own, as a deployment runs it. */
export interface WorkerProcess {
  readonly pid: number;
  /** Resolves with the signal when the process has ended. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /** Lines of its log so far. */
  readonly lines: readonly Record<string, unknown>[];
  /** `kill -9`. */
  kill(): Promise<void>;
  /** SIGTERM, and kill -9 after a while. */
  stop(): Promise<void>;
}

export interface WorkerProcessOptions {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts the worker from today's sources and waits until it works. @throws Error when it ends before. */
export async function startWorkerProcess({ databaseUrl, dataDir, settings }: WorkerProcessOptions): Promise<WorkerProcess> {
  const env = { ...testSettings, GT_LOG_LEVEL: 'info', DATABASE_URL: databaseUrl, GT_DATA_DIR: dataDir, ...settings };
  const child = spawn(process.execPath, [await program()], { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: Record<string, unknown>[] = [];
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  const working = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      lines.push(entry);
      if (entry['msg'] === 'working') resolve();
    });
  });
  await Promise.race([working, ended.then(() => Promise.reject(new Error(`The worker ended: ${JSON.stringify(lines)}`)))]);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  const stop = async (): Promise<void> => {
    const hurry = setTimeout(() => child.kill('SIGKILL'), 8_000);
    await end('SIGTERM');
    clearTimeout(hurry);
  };
  return { pid: child.pid ?? 0, ended, lines, kill: () => end('SIGKILL'), stop };
}

let compiled: Promise<string> | undefined;

/** The worker's program, compiled once a run of jest: whoever comes first makes it for all. */
function program(): Promise<string> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<string> {
  const shared = join(runFolder(), 'worker-program');
  const script = join(shared, 'src', 'worker.js');
  if (existsSync(script)) return script;
  mkdirSync(shared, { recursive: true });
  const own = join(mkdtempSync(join(shared, 'new-')), 'src');
  await compileSource(own, sourcesOfWorker());
  try {
    renameSync(own, join(shared, 'src'));
  } catch {
    // Another jest worker was first.
  }
  return script;
}

/** All folders that the worker's sources may import from, and its own files. */
function sourcesOfWorker(): string[] {
  const root = fileURLToPath(new URL('../../src', import.meta.url));
  const folders = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
  const paths = folders.map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return ['worker.ts', 'start-up.ts', ...paths.filter((path) => !/^(http|sandbox|up|cli|api)\b/.test(path))];
}
