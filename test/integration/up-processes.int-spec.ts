import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataFolder } from '../../src/up/data-folder.js';
import { ManagedProcess } from '../../src/up/managed-process.js';
import { processIdentity } from '../../src/up/process-identity.js';
import { ProcessList } from '../../src/up/process-list.js';
import { runFolder } from '../support/postgres.js';

const living = "setInterval(() => undefined, 1000); console.log('alive');";
const never = new AbortController().signal;
let folder: DataFolder;
const started: number[] = [];

beforeEach(async () => {
  folder = new DataFolder(await mkdtemp(join(runFolder(), 'up-')));
});
afterEach(() => {
  for (const pid of started.splice(0)) if (processIdentity(pid) !== null) process.kill(pid, 'SIGKILL');
});

function script(name: string, text: string): string {
  const path = folder.file(`${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

function managed(text: string, trouble: string[] = []): ManagedProcess {
  const spec = { name: 'probe', script: script('probe', text), environment: {}, logFile: folder.logFile('probe') };
  return new ManagedProcess(spec, { onStart: (_name, pid) => started.push(pid), onTrouble: (said) => trouble.push(said) });
}

const log = () => readFileSync(folder.logFile('probe'), 'utf8');
const said = (word: string) => () => Promise.resolve(log().includes(word));
async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise(setImmediate);
}

describe('a process of the platform', () => {
  it('that ends before it is ready is told with the end of its log', async () => {
    const probe = managed("console.error('GT_PORT is wrong'); process.exit(2);");
    probe.start();
    await expect(probe.whenReady(() => Promise.resolve(false), 10_000)).rejects.toThrow(
      /probe ended \(exit code 2\).*GT_PORT is wrong/s,
    );
  });

  it('is started again when it ends unasked, and says so', async () => {
    const trouble: string[] = [];
    const probe = managed(living, trouble);
    probe.start();
    await probe.whenReady(said('alive'), 10_000);
    probe.keep();
    process.kill(probe.pid ?? 0, 'SIGKILL');
    await until(() => started.length === 2);
    expect(trouble.join()).toMatch(/probe ended \(SIGKILL\); starting it again/);
    await probe.stop(5_000, never);
    expect(started.map(processIdentity)).toEqual([null, null]);
  });

  it('ends in its own time when it is stopped, and is not started again', async () => {
    const probe = managed(
      `process.on('SIGTERM', () => setTimeout(() => { console.log('finished'); process.exit(0); }, 300)); ${living}`,
    );
    probe.start();
    await probe.whenReady(said('alive'), 10_000);
    probe.keep();
    await probe.stop(10_000, never);
    expect(log()).toContain('finished');
    expect(started).toHaveLength(1);
  });

  it.each([
    ['its time is over', 50, never],
    ['the person hurries', 60_000, AbortSignal.abort()],
  ])('that does not end is killed when %s', async (_when, graceMs, hurry) => {
    const probe = managed(`${living} process.on('SIGTERM', () => undefined);`);
    probe.start();
    await probe.whenReady(said('alive'), 10_000);
    await probe.stop(graceMs, hurry);
    expect(processIdentity(probe.pid ?? 0)).toBeNull();
  });
});

describe('what a killed start left behind', () => {
  const claim = () => ProcessList.claim(folder, () => undefined, 5_000);

  /** Runs an `up` of its own that notes a child and is then killed, or lives on. */
  function leaveBehind(child: { pid: number; identity: string }, up: { pid: number; identity: string }, stopping = false): void {
    const children = [{ name: 'api', ...child }];
    folder.writeJson('processes.json', { up: { name: 'up', ...up }, stopping, children });
  }

  async function stranger(): Promise<{ pid: number; identity: string }> {
    const child = spawn(process.execPath, [script('stranger', living)], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const pid = child.pid ?? 0;
    started.push(pid);
    return { pid, identity: processIdentity(pid) ?? '' };
  }

  const dead = { pid: 2 ** 22 + 1, identity: 'another boot:1' };

  it('is ended by the next start', async () => {
    const child = await stranger();
    leaveBehind(child, dead);
    const list = await claim();
    expect(processIdentity(child.pid)).toBeNull();
    list.release();
    expect(existsSync(folder.file('processes.json'))).toBe(false);
  });

  it('is left alone when its number belongs to another process now', async () => {
    const child = await stranger();
    leaveBehind({ pid: child.pid, identity: 'another boot:1' }, dead);
    await claim();
    expect(processIdentity(child.pid)).toBe(child.identity);
  });

  it('is no reason to start beside a platform that runs', async () => {
    leaveBehind(dead, await stranger());
    await expect(claim()).rejects.toThrow(/already runs from .*GT_DATA_DIR/s);
  });

  it('is waited for when it is stopping', async () => {
    const up = await stranger();
    leaveBehind(dead, up, true);
    let told = '';
    const claimed = ProcessList.claim(folder, (text) => (told = text), 10_000);
    await until(() => told.includes('stopping'));
    process.kill(up.pid, 'SIGKILL');
    await expect(claimed).resolves.toBeDefined();
  });

  it('goes to one of two that start at once', async () => {
    leaveBehind(dead, dead);
    const results = await Promise.allSettled([claim(), claim()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
