import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runbookObject } from '../../src/contracts/runbooks.js';
import { tokenOf } from '../support/admin.js';
import { runCli, type CliRun } from '../support/cli.js';
import { FilesBench } from '../support/files.js';
import type { ProductProcess } from '../support/product-process.js';
import { rawCall, requestBytes } from '../support/raw-http.js';
import { RunbookRuns } from '../support/runbook-runs.js';

let bench: FilesBench;
let runs: RunbookRuns;

beforeAll(async () => {
  bench = await FilesBench.start();
  runs = new RunbookRuns(bench);
});
afterAll(() => bench.close());

const admin = (method: string, path: string, body?: object, token?: string) =>
  bench.platform.app.admin(method, path, body, token);

describe('a run that is asked for', () => {
  it.each([
    [
      'a product that is no client, in a sentence',
      'claude-code',
      {},
      [400, 'invalid_value', /^Claude Code .* is no client of the platform: It speaks/],
    ],
    ['a product without a runbook', 'absent', {}, [404, 'not_found', /no such runbook/]],
    ['what no name can be', 'cursor', { model: 'a b' }, [400, 'invalid_value', /model/]],
    ['an address of the caller', 'cursor', { base_url: 'http://a.example' }, [400, 'unsupported_parameter', /base_url/]],
  ] as const)('is not of %s', async (_what, product, body, [status, code, message]) => {
    const reply = await admin('POST', `/runbooks/${product}/verify?tenant=acme`, body);
    expect([reply.status, reply.body.error.code]).toEqual([status, code]);
    expect(reply.body.error.message).toMatch(message);
  });

  it('needs a manager, is found where its answer says, and is called at the own address whatever the request says', async () => {
    const { app } = bench.platform;
    const [viewer, manager] = [await tokenOf(app, 'acme', 'viewer'), await tokenOf(app, 'acme', 'manager')];
    expect((await admin('POST', '/runbooks/cursor/verify', {}, viewer)).status).toBe(403);
    const headers = [
      ['Host', 'evil.example'],
      ['X-Forwarded-Host', 'evil.example'],
      ['Forwarded', 'host=evil.example'],
      ['Authorization', `Bearer ${manager}`],
      ['Content-Type', 'application/json'],
      ['Content-Length', '2'],
    ] as const;
    const reply = await rawCall(app.url, requestBytes('POST', '/api/admin/v1/runbooks/openai-sdk-curl/verify', headers, '{}'));
    expect([reply.status, reply.json.status, reply.json.runbook]).toEqual([202, 'queued', 'curl']);
    const place = reply.headers['location'] ?? '';
    expect(place).toBe(`/api/admin/v1/runbook-runs/${reply.json.id}`);
    const found = await admin('GET', place.replace('/api/admin/v1', ''), undefined, viewer);
    expect([found.status, found.body]).toEqual([200, reply.json]);
    expect((await runs.row(reply.json.id)).origin).toBe(app.url);
    const { body: audit } = await admin('GET', `/audit?tenant=acme&object_id=${reply.json.id}`);
    expect(audit.data).toMatchObject([{ action: 'verify', kind: 'runbook.run', changes: { runbook: 'curl' } }]);
  });

  it('is one of few that have not ended, and of a list by the product, newest first', async () => {
    const ids: string[] = [];
    for (const product of ['cursor', 'zed', 'cursor', 'cursor']) ids.push((await runs.begin(product)).id);
    const sixth = await admin('POST', '/runbooks/zed/verify?tenant=acme', {});
    expect([sixth.status, sixth.body.error.code]).toEqual([429, 'rate_limit_exceeded']);
    const cursors = [ids[3], ids[2], ids[0]];
    const list = await admin('GET', '/runbook-runs?tenant=acme&runbook=cursor&limit=2');
    expect([list.body.data.map(({ id }: { id: string }) => id), list.body.has_more]).toEqual([cursors.slice(0, 2), true]);
    const rest = await admin('GET', `/runbook-runs?tenant=acme&runbook=cursor&after=${list.body.last_id}`);
    expect([rest.body.data.map(({ id }: { id: string }) => id), rest.body.has_more]).toEqual([cursors.slice(2), false]);
    expect((await admin('GET', '/runbook-runs?tenant=acme&runbook=openai-sdk-curl')).body.data).toHaveLength(1);
    await bench.platform.factory.run((tx) => tx.runbookRun.deleteMany({}));
  });
});

describe('a run', () => {
  let worker: ProductProcess;

  beforeAll(async () => {
    worker = await bench.worker();
  });

  /** `hermes` uploads into datasets and into conversations, with keys that link others. */
  it.each(['cursor', 'hermes'])(
    'of %s passes, with keys that are gone when it has ended, and nothing secret in it',
    async (product) => {
      const { id } = await runs.begin(product);
      const run = await runs.ended(id);
      expect(run).toMatchObject({ status: 'completed', outcome: 'pass', attempts: 1, error: null });
      expect(run.verification).toMatchObject({
        object: 'runbook.verification',
        runbook: product,
        outcome: 'pass',
        way: 'emulator',
      });
      expect(run.verification?.steps).toEqual(run.steps);
      expect(run.verification?.calls).toBeLessThanOrEqual(20);
      const uploads = run.steps.find((step) => step.id === 'extensions');
      expect(uploads?.outcome).toBe(product === 'hermes' ? 'pass' : undefined);
      expect([await runs.keys(), (await runs.row(id)).keyIds]).toEqual([[], []]);
      expect((await admin('GET', '/files?tenant=acme')).body.data).toEqual([]);
      const written = JSON.stringify([await runs.row(id), run, worker.lines]);
      expect(written).not.toMatch(/gtak_[0-9A-Za-z]{8}/);
      const { body: made } = await admin('GET', '/audit?tenant=acme&kind=key&action=create');
      expect(made.data.length).toBeGreaterThan(0);
      expect(made.data.every(({ request_id: at }: { request_id: string }) => at.startsWith('req_'))).toBe(true);
    },
  );

  it("is the tenant's evidence, by the day of its end, until what it was of has changed; another tenant's it is not", async () => {
    await bench.otherTenant('other');
    const shown = async (tenant = 'acme') => {
      const { body } = await admin('GET', `/runbooks/cursor?tenant=${tenant}`);
      const { data } = (await admin('GET', `/runbooks?tenant=${tenant}`)).body as { data: { id: string; evidence: string }[] };
      const runbook = runbookObject.parse(body);
      expect(data.find(({ id }) => id === 'cursor')?.evidence).toBe(runbook.evidence);
      for (const page of [runbook.text, runbook.markdown]) expect(page).toContain(`Evidence: ${runbook.evidence}`);
      return runbook.evidence;
    };
    const { data } = (await admin('GET', '/runbook-runs?tenant=acme&runbook=cursor')).body;
    const run = await runs.get(data[0].id);
    const day = new Date((run.finished_at ?? 0) * 1000).toISOString().slice(0, 10);
    const before = await shown('other');
    expect(before).not.toContain('by this tenant');
    expect(await shown()).toContain(`verified ${day}, ${run.verification?.sha256.slice(0, 12)} (by this tenant, `);
    await bench.platform.factory.run((tx) =>
      tx.runbookRun.updateMany({ where: { id: run.id }, data: { finishedAt: new Date('2026-03-04T05:06:07Z'), sha256: 'f00d' } }),
    );
    expect(await shown()).toMatch(/^stale: verified 2026-03-04, f00d, /);
    expect(await shown('other')).toBe(before);
  });

  it('that fails has its step with cause and cure', async () => {
    const run = await runs.ended((await runs.begin('cursor', { model: 'absent' })).id);
    expect(run).toMatchObject({ status: 'completed', outcome: 'fail', model: 'absent' });
    expect(run.steps.find(({ outcome }) => outcome === 'fail')).toMatchObject({ id: 'alias', cause: 'model' });
    expect(await runs.keys()).toEqual([]);
  });

  it('that cannot reach the platform names GT_PUBLIC_URL; one whose API died behind the row is made all the same', async () => {
    const dying = await bench.api({ GT_FAULT_POINT: 'runbook.after-row' });
    const { operatorToken } = bench.platform.app;
    const asked = fetch(`${dying.url}/api/admin/v1/runbooks/cursor/verify?tenant=acme`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
      body: '{}',
    });
    await expect(asked).rejects.toThrow();
    expect(await dying.ended).toBe('SIGKILL');
    const { data } = (await admin('GET', '/runbook-runs?tenant=acme&limit=1')).body;
    const run = await runs.ended(data[0].id);
    expect(run.steps[0]).toMatchObject({ id: 'key', outcome: 'fail', cause: 'unreachable' });
    expect(run.steps[0]?.cure).toContain('GT_PUBLIC_URL');
    expect(await runs.keys()).toEqual([]);
  });
});

describe('gt runbook verify --on-server', () => {
  const gt = (...args: string[]): Promise<CliRun> => {
    const { adminUrl, operatorToken } = bench.platform.app;
    return runCli([...args, '--tenant', 'acme'], { GT_ADMIN_URL: adminUrl, GT_ADMIN_TOKEN: operatorToken });
  };

  it('tells the steps as they come, reports as a run of its own does, and is listed', async () => {
    const run = await gt('runbook', 'verify', 'cursor', '--on-server');
    expect([run.code, run.out]).toEqual([
      0,
      expect.stringMatching(/^Cursor, verified by a client made from.*\n[^]*PASS: \d+ requests\.\n$/),
    ]);
    expect(run.err).toMatch(/^The run rbrun_\w+ is queued\.\n {2}PASS[^]*PASS {5}A route outside the preset/);
    const id = /rbrun_\w+/.exec(run.err)?.[0] ?? '';
    expect((await gt('runbook', 'run', id)).out).toBe(run.out);
    expect((await gt('runbook', 'runs', '--runbook', 'cursor')).out).toContain(id);
  });

  it('fails with a step that fails, and with --json gives the verification alone', async () => {
    const run = await gt('runbook', 'verify', 'cursor', '--on-server', '--model', 'absent', '--json');
    expect([run.code, run.err]).toEqual([1, '']);
    expect(JSON.parse(run.out)).toMatchObject({ object: 'runbook.verification', outcome: 'fail' });
  });

  it.each([
    ['a key', ['cursor', '--key', 'gtak_x'], '--on-server takes no --key'],
    ['all products', ['--all'], '--on-server goes with one product'],
  ])('refuses %s', async (_what, args, told) => {
    const run = await gt('runbook', 'verify', '--on-server', ...args);
    expect([run.code, run.err]).toEqual([2, expect.stringContaining(told)]);
  });
});
