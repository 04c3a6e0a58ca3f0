import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { testSettings } from './app.js';
import { compiledProduct } from './compiled-product.js';
import { runFolder } from './postgres.js';

/** The API as a process of its own, compiled from today's sources, with every byte that it prints. */
export interface LoggedProcess {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** All of standard output and standard error so far. */
  printed(): string;
  /** SIGTERM; resolves when the process has ended and all it printed is here. */
  stop(): Promise<void>;
}

/** What a process printed that could not start, and its exit code. */
export interface FailedStart {
  readonly code: number | null;
  readonly printed: string;
}

type Settings = Readonly<Record<string, string>>;

/** Starts the API and waits until it listens. @throws Error with what it printed when it ends before. */
export async function startLogged(settings: Settings): Promise<LoggedProcess> {
  const { child, printed, ended } = await launch(settings);
  const listening = new Promise<string>((resolve) => {
    child.stdout.on('data', () => {
      const line = printed()
        .split('\n')
        .find((text) => text.includes('"listening"'));
      if (line !== undefined) resolve((JSON.parse(line) as { url: string }).url);
    });
  });
  const url = await Promise.race([
    listening,
    ended.then((code) => Promise.reject(new Error(`The API ended (${code}): ${printed()}`))),
  ]);
  ended.catch(() => undefined);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { url, printed, stop };
}

/** Starts the API with settings with which it cannot start. */
export async function failToStart(settings: Settings): Promise<FailedStart> {
  const { printed, ended } = await launch(settings);
  return { code: await ended, printed: printed() };
}

async function launch(settings: Settings) {
  const script = join(await compiledProduct(), 'main.js');
  const env = {
    PATH: process.env['PATH'],
    ...testSettings,
    GT_LOG_LEVEL: 'debug',
    GT_DATA_DIR: mkdtempSync(join(runFolder(), 'logged-')),
    ...settings,
  };
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, printed: () => Buffer.concat(chunks).toString('utf8'), ended };
}
