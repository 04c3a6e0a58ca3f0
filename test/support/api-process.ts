import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { testSettings } from './app.js';
import { shortLived } from './product-process.js';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** The built API as a process of its own, as a deployment runs it. */
export interface ApiProcess {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** With `/api/tenant/v1`. */
  readonly baseUrl: string;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface ApiProcessOptions {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts `dist/main.js` on a free port. @throws Error with what it printed when it ends before it listens. */
export async function startApiProcess({ databaseUrl, dataDir, settings }: ApiProcessOptions): Promise<ApiProcess> {
  if (!existsSync(program)) throw new Error('dist/main.js is missing: run `npm run build` before this test.');
  const child = spawn(process.execPath, [...shortLived, program], {
    env: {
      PATH: process.env['PATH'],
      ...testSettings,
      GT_LOG_LEVEL: 'info',
      DATABASE_URL: databaseUrl,
      GT_DATA_DIR: dataDir,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await listening(child);
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return { url, baseUrl: `${url}/api/tenant/v1`, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') };
}

/** The address of the line with which the process says that it listens; its further output is read and dropped. */
function listening(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The API ended (${code}): ${said.slice(-20).join('\n')}`)));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        if (said.length < 1000) said.push(line);
        if (line.includes('"listening"')) resolve((JSON.parse(line) as { url: string }).url);
      });
    }
  });
}
