import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, utimes, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LocalObjectStore } from '../../src/platform/storage/local-object-store.js';
import { compileSource } from '../support/compile-source.js';
import { runFolder } from '../support/postgres.js';

const script = fileURLToPath(new URL('../fixtures/storage-process.mjs', import.meta.url));
const kills = process.env['GT_TEST_SOAK'] === '1' ? 60 : 6;

let compiled: string;
let root: string;
let store: LocalObjectStore;
const children: ChildProcess[] = [];

beforeAll(async () => {
  compiled = join(await mkdtemp(join(runFolder(), 'storage-faults-')), 'compiled');
  await compileSource(compiled, ['platform/storage', 'platform/journal', 'kernel']);
});

beforeEach(async () => {
  root = join(await mkdtemp(join(runFolder(), 'storage-faults-')), 'files');
  store = new LocalObjectStore({ root });
});

afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  await store.close();
});

/** A process that stores into the same folder; `limitBlocks` is the largest file, in 512-byte blocks, that it may write. */
class StorageProcess {
  readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(limitBlocks: number | 'unlimited' = 'unlimited') {
    this.child = spawn('/bin/sh', ['-c', `ulimit -f ${limitBlocks}; exec "$0" "$@"`, process.execPath, script, compiled, root], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(this.child);
    const { stdout } = this.child;
    if (stdout === null) throw new Error('The process has no output.');
    this.lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** The next line; undefined when the process is dead and has said all. */
  async hear(): Promise<string | undefined> {
    const { value } = (await this.lines.next()) as IteratorResult<string, undefined>;
    return value;
  }

  async ask(line: string): Promise<string | undefined> {
    this.tell(line);
    return this.hear();
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function partFiles(): Promise<string[]> {
  return (await readdir(join(root, 'incoming'), { recursive: true }).catch(() => [])).filter((name) => name.endsWith('.part'));
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list('')) found.push(key);
  return found;
}

async function hashOf(key: string): Promise<string> {
  const stream = await store.openRead(key);
  return createHash('sha256')
    .update(stream === undefined ? 'none' : await buffer(stream))
    .digest('hex');
}

describe('a process killed in mid-write', () => {
  it('leaves a part that nobody reads and the next sweep removes, while a living one keeps its own', async () => {
    const [dying, living] = [new StorageProcess(), new StorageProcess()];
    expect(await dying.ask('write 3000000')).toBe('written');
    expect(await living.ask('write 3000000')).toBe('written');
    await kill(dying.child);
    expect(await partFiles()).toHaveLength(2);
    expect(await keys()).toEqual([]);
    expect(await store.sweep()).toBe(1);
    expect(await partFiles()).toHaveLength(1);
    expect(await living.ask('commit file-x')).toBe('committed');
    expect(await store.stat('ten_a/file-x')).toMatchObject({ bytes: 3_000_000 });
    expect(await store.sweep()).toBe(0);
    await kill(living.child);
    await store.sweep();
    expect(await readdir(join(root, 'incoming'))).toEqual([]);
  });

  it(`leaves every committed file whole and no other visible, ${kills} times`, async () => {
    const committed: string[] = [];
    for (let round = 0; round < kills; round += 1) {
      const process = new StorageProcess();
      process.tell('commit-forever');
      const first = await process.hear();
      const dead = wait(Math.random() * 60).then(() => kill(process.child));
      for (let id = first; id !== undefined; id = await process.hear()) committed.push(`ten_a/${id}`);
      await dead;
    }
    const found = await keys();
    expect(committed.length).toBeGreaterThan(kills);
    expect(found).toEqual(expect.arrayContaining(committed));
    for (const key of found) expect(`ten_a/file-${await hashOf(key)}`).toBe(key);
    await store.sweep();
    expect(await partFiles()).toEqual([]);
  });
});

describe('a part whose owner cannot be seen from here', () => {
  it('is kept while something is written to it and removed after an hour of silence', async () => {
    const folder = join(root, 'incoming', '7-elsewhere');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'owner.json'), JSON.stringify({ pid: 7, host: 'another-machine' }));
    await writeFile(join(folder, 'running.part'), 'x');
    await writeFile(join(folder, 'silent.part'), 'x');
    const longAgo = new Date(Date.now() - 61 * 60 * 1000);
    await utimes(join(folder, 'silent.part'), longAgo, longAgo);
    expect(await store.sweep()).toBe(1);
    expect(await partFiles()).toEqual([join('7-elsewhere', 'running.part')]);
  });
});

describe('a disk that takes no more', () => {
  it('is answered with 503 at once, leaves nothing, and takes the next file when there is room', async () => {
    const process = new StorageProcess(2048);
    expect(await process.ask('write 4000000')).toBe('failed overloaded 503 EFBIG');
    expect(await partFiles()).toEqual([]);
    expect(await process.ask('write 100000')).toBe('written');
    expect(await process.ask('commit file-small')).toBe('committed');
    expect(await keys()).toEqual(['ten_a/file-small']);
  });
});
