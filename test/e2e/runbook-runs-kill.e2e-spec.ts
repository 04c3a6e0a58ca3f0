import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FilesBench } from '../support/files.js';
import type { ProductProcess } from '../support/product-process.js';
import { RunbookRuns } from '../support/runbook-runs.js';
import { publishOn, startScriptedProvider, type ScriptedProvider } from '../support/scripted-provider.js';

/** `npm run test:soak` kills at both; else where keys would live on. */
const points = process.env['GT_TEST_SOAK'] === '1' ? ['runbook.after-keys', 'runbook.after-end-of-keys'] : ['runbook.after-keys'];

let bench: FilesBench;
let runs: RunbookRuns;
let provider: ScriptedProvider;
/** The worker that is there. */
let living: ProductProcess | undefined;
/** Answers that the provider keeps back. */
const held: (() => void)[] = [];

beforeAll(async () => {
  bench = await FilesBench.start();
  runs = new RunbookRuns(bench);
  provider = await startScriptedProvider((response) => {
    held.push(() => response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}'));
  });
  await publishOn(bench.platform, provider.url, 'held');
});
afterAll(async () => {
  await bench.close();
  await provider.close();
});

/** Begins a run and waits until its provider holds an answer back. */
async function heldRun() {
  const { id } = await runs.begin('cursor', { model: 'held' });
  return runs.until(id, 'waits for its answer', ({ steps }) => steps.some((step) => step.id === 'model') && held.length > 0);
}

describe('a worker that stops with a run of a runbook', () => {
  it('ends its keys and gives it back, as if it had not been begun', async () => {
    const stopping = await bench.worker({ GT_SHUTDOWN_GRACE_MS: '200' });
    const { id } = await heldRun();
    expect(await runs.keys()).toHaveLength(1);
    await stopping.stop();
    expect(await runs.row(id)).toMatchObject({ status: 'queued', attempts: 0, owner: null, keyIds: [] });
    expect(await runs.keys()).toEqual([]);
    await bench.platform.factory.run((tx) => tx.runbookRun.deleteMany({}));
    held.splice(0).forEach((answer) => answer());
  });
});

describe('a worker that is killed with a run of a runbook', () => {
  it.each(points)('at %s for the last time: the run fails, and its keys are gone', async (point) => {
    await living?.kill();
    const dying = await bench.worker({ GT_FAULT_POINT: point });
    const { id } = await runs.begin('hermes');
    expect(await dying.ended).toBe('SIGKILL');
    expect((await runs.row(id)).keyIds?.length).toBeGreaterThan(2);
    await runs.silent(id, { attempts: 3 });
    living = await bench.worker();
    const run = await runs.ended(id);
    expect([run.status, run.error]).toEqual(['failed', expect.stringMatching(/begun 3 times/)]);
    expect([await runs.keys(), (await runs.row(id)).keyIds]).toEqual([[], []]);
  });

  it('in the middle: the steps so far were told, its keys are ended, and another one begins anew', async () => {
    const seen = await heldRun();
    const { id } = seen;
    expect(seen).toMatchObject({ status: 'in_progress', outcome: null, verification: null, finished_at: null, attempts: 1 });
    expect(seen.steps.map((step) => step.id)).not.toContain('answer');
    const keys = await runs.keys();
    expect([keys.length, (await runs.row(id)).keyIds?.length]).toEqual([1, 1]);
    await living?.kill();
    await runs.silent(id);
    living = await bench.worker();
    await runs.until(id, 'is begun anew', ({ attempts }) => attempts === 2);
    await bench.eventually(async () => expect(await runs.keys()).not.toEqual(expect.arrayContaining(keys)));
    const release = setInterval(() => held.splice(0).forEach((answer) => answer()), 50);
    const run = await runs.ended(id);
    clearInterval(release);
    expect(run).toMatchObject({ status: 'completed', outcome: 'fail', attempts: 2 });
    expect(new Set(run.steps.map((step) => step.id)).size).toBe(run.steps.length);
    expect([await runs.keys(), (await runs.row(id)).keyIds]).toEqual([[], []]);
  });
});

describe('a worker that is stopped with a run of a runbook', () => {
  it('ends its keys, and leaves the run to another one without counting it', async () => {
    await living?.kill();
    living = await bench.worker({ GT_SHUTDOWN_GRACE_MS: '0' });
    held.length = 0;
    const { id } = await runs.begin('cursor', { model: 'held' });
    await runs.until(id, 'waits for its answer', () => held.length > 0);
    expect(await living.stop()).toBe(0);
    expect(await runs.keys()).toEqual([]);
    expect(await runs.row(id)).toMatchObject({ status: 'queued', attempts: 0, owner: null, keyIds: [] });
  });
});
