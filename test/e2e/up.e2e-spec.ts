import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { processIdentity } from '../../src/up/process-identity.js';
import { findFreePort } from '../../src/platform/embedded-postgres/free-port.js';
import { runFolder } from '../support/postgres.js';
import { until } from '../support/until.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

interface UpFile {
  readonly base_url: string;
  readonly admin_url: string;
  readonly admin_token: string;
  readonly pids: Readonly<Record<'up' | 'api' | 'worker' | 'sandbox' | 'postgres', number>>;
}

/** One `npm run up` on what is built, in a data folder of its own. */
class Up {
  output = '';
  private constructor(
    private readonly child: ChildProcess,
    private readonly dataDir: string,
  ) {
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (this.output += text.toString()));
  }

  static start(dataDir: string, port: number): Up {
    const kept = Object.entries(process.env).filter(([name]) => !/^(GT_|OPENAI_|DATABASE_URL|REDIS_URL)/.test(name));
    const env = { ...Object.fromEntries(kept), GT_DATA_DIR: dataDir, GT_PORT: String(port) };
    return new Up(spawn(process.execPath, ['dist/up.js'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] }), dataDir);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  ready(): Promise<UpFile> {
    return until('the platform is up', () => this.read() ?? this.refuseEnd(), 60_000);
  }

  exitCode(): Promise<number | null> {
    return until(
      'the platform has ended',
      () => (this.child.exitCode === null && this.child.signalCode === null ? false : { code: this.child.exitCode }),
      40_000,
    ).then(({ code }) => code);
  }

  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.exitCode();
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private read(): UpFile | undefined {
    const file = join(this.dataDir, 'up.json');
    const found = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as UpFile) : undefined;
    return found?.pids.up === this.pid ? found : undefined;
  }

  private refuseEnd(): undefined {
    if (this.child.exitCode !== null) throw new Error(`it ended: ${this.output}`);
    return undefined;
  }
}

describe('npm run up', () => {
  let dataDir: string;
  let port: number;
  let up: Up;
  let file: UpFile;
  let curl = '';

  beforeAll(async () => {
    dataDir = mkdtempSync(join(runFolder(), 'up-'));
    port = await findFreePort();
    up = Up.start(dataDir, port);
    file = await up.ready();
    await until('the curl line is printed', () => /^curl .*$/m.test(up.output));
    curl = /^curl .*$/m.exec(up.output)?.[0] ?? '';
  });
  afterAll(async () => {
    await up.stop();
  });

  it('prints a curl line that works when it is pasted', async () => {
    const { stdout } = await run('bash', ['-c', curl]);
    expect(JSON.parse(stdout)).toMatchObject({
      object: 'chat.completion',
      model: 'assistant',
      choices: [{ message: { content: 'You said: Hello!' } }],
    });
  });

  it('prints lines that upload a document, wait for it and ask it, when they are pasted into one shell', async () => {
    const lines = [/^reply=\$\(curl .*$/m, /^for .*wait=30.*$/m, /^curl .*librarian.*$/m].map(
      (line) => line.exec(up.output)?.[0] ?? 'false',
    );
    const { stdout } = await run('bash', ['-c', lines.join('\n')]);
    const [upload = '', file = '', reply = ''] = stdout.trim().split('\n');
    const { id } = JSON.parse(upload) as { id: string };
    expect(JSON.parse(file)).toMatchObject({ id, filename: 'handbook.pdf', status: 'ready' });
    expect(JSON.parse(reply)).toMatchObject({
      choices: [{ message: { content: 'According to [1] handbook.pdf, page 1: "The access code of the north gate is 7391."' } }],
      gt: { sources: [{ index: 1, file_id: id, filename: 'handbook.pdf', page: 1 }] },
    });
  }, 150_000);

  it('prints an SDK snippet that works when it is pasted', async () => {
    const snippet = /^import OpenAI[\s\S]*?^console\.log.*$/m.exec(up.output)?.[0] ?? '';
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', snippet], { cwd: root });
    expect(stdout.trim()).toBe('You said: Hello!');
  });

  it('keeps what it tells other programs to its own user', () => {
    for (const name of ['up.json', 'secrets.json']) expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600);
  });

  it('refuses a used port before anything else, naming the port and the setting', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const used = typeof address === 'object' && address !== null ? address.port : 0;
    const second = Up.start(mkdtempSync(join(runFolder(), 'up-')), used);
    expect(await second.exitCode()).not.toBe(0);
    expect(second.output).toContain(String(used));
    expect(second.output).toContain('GT_PORT');
    other.close();
  });

  it('comes back with all its data after a kill -9 of everything', async () => {
    up.kill();
    for (const pid of [file.pids.api, file.pids.worker, file.pids.sandbox, file.pids.postgres]) process.kill(pid, 'SIGKILL');
    await until('everything is gone', () => Object.values(file.pids).every((pid) => processIdentity(pid) === null));
    up = Up.start(dataDir, port);
    file = await up.ready();
    const { stdout } = await run('bash', ['-c', curl]);
    expect(JSON.parse(stdout)).toMatchObject({ model: 'assistant' });
    expect(up.output).not.toMatch(/gtak_[0-9A-Za-z]{38}/);
  });

  it('comes back after a kill -9 of the app alone, and adopts the Postgres that was left running', async () => {
    const postgres = file.pids.postgres;
    up.kill();
    for (const pid of [file.pids.api, file.pids.worker, file.pids.sandbox]) process.kill(pid, 'SIGKILL');
    up = Up.start(dataDir, port);
    file = await up.ready();
    expect(file.pids.postgres).toBe(postgres);
    const { stdout } = await run('bash', ['-c', curl]);
    expect(JSON.parse(stdout)).toMatchObject({ model: 'assistant' });
  });

  it('finishes open streams on SIGTERM, then stops everything and takes up.json away', async () => {
    const key = /gtak_[0-9A-Za-z]{38}/.exec(curl)?.[0] ?? '';
    const response = await fetch(`${file.base_url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'assistant',
        stream: true,
        messages: [{ role: 'user', content: '[[chunks:20]][[pace:60]] go' }],
      }),
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader?.read())?.value ?? '';
    const stopped = up.stop();
    for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) text += part.value;
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(await stopped).toBe(0);
    expect(existsSync(join(dataDir, 'up.json'))).toBe(false);
    expect(Object.values(file.pids).map(processIdentity)).toEqual([null, null, null, null, null]);
  });
});
