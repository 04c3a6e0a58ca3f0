import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { credentialHash } from '../../src/kernel/credentials.js';
import { tokenOf } from '../support/admin.js';
import { FilesBench } from '../support/files.js';
import { runCli, type CliRun } from '../support/cli.js';
import { databaseText } from '../support/database-text.js';
import { fillTenant, type FilledTenant } from '../support/filled-tenant.js';
import { sandboxToken } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { until } from '../support/until.js';

/** Before the tenant itself is deleted, after it, and when all is done but said. */
const steps = ['erasure.taken', 'erasure.after-rows', 'erasure.after-search'];

let bench: FilesBench;
let gone: FilledTenant;
let bystander: FilledTenant;

beforeAll(async () => {
  bench = await FilesBench.start();
  const worker = await bench.worker();
  [gone, bystander] = await Promise.all([fillTenant(bench, 'quagga'), fillTenant(bench, 'wombat')]);
  await until('nothing is left to seal', async () => (await count(`audit where seq is null`)) === 0);
  await worker.stop();
}, 120_000);
afterAll(() => bench.close());

const erase = (tenant: string, confirm: string) => bench.platform.app.admin('POST', `/tenants/${tenant}/erase`, { confirm });

async function count(from: string): Promise<number> {
  const rows = await bench.platform.factory.run((tx) =>
    tx.$queryRawUnsafe<{ n: number }[]>(`select count(*)::int as n from ${from}`),
  );
  return rows[0]?.n ?? -1;
}

function gt(...args: string[]): Promise<CliRun> {
  const { adminUrl, operatorToken } = bench.platform.app;
  return runCli(['tenant', 'erase', ...args, '--json'], { GT_ADMIN_URL: adminUrl, GT_ADMIN_TOKEN: operatorToken });
}

/** Names and contents of all files below the data folder: objects, journals, copies. */
function folderText(folder = bench.dataDir): string {
  const texts: string[] = [];
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    const path = join(folder, name);
    texts.push(name, statSync(path).isFile() ? readFileSync(path, 'latin1') : '');
  }
  return texts.join('\n');
}

/** Tables whose rows follow calls, or tell of processes, and come or change a moment later. */
const trailing = [
  ...['change_feed', 'connection_health', 'audit_chains', 'budget_slices', 'webhook_deliveries', 'request_log'],
  ...['keys', 'key_exercise', 'usage_open', 'usage_hourly', 'usage_daily'],
];

/** Every row of a tenant in the other tables. */
async function rowsOf({ id }: FilledTenant): Promise<string[]> {
  return bench.platform.factory.run(async (tx) => {
    const tables = await tx.$queryRaw<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
       where a.attname = 'tenant_id' and c.relkind in ('r', 'p') and not c.relispartition
         and not c.relname = any (${trailing}) order by 1`;
    const all: string[] = [];
    for (const { name } of tables) {
      const rows = await tx.$queryRawUnsafe<{ row: string }[]>(
        `select t::text as row from ${name} t where tenant_id = $1 order by 1`,
        id,
      );
      all.push(...rows.map(({ row }) => `${name} ${row}`));
    }
    return all;
  });
}

describe('tenants.export', () => {
  let owner: string;
  beforeAll(async () => {
    owner = await tokenOf(bench.platform.app, 'quagga', 'owner');
  });

  /** Takes the export by the command line and unpacks it. @returns its files by their names. */
  async function exported(): Promise<Map<string, string>> {
    const folder = mkdtempSync(join(runFolder(), 'export-'));
    const archive = join(folder, 'quagga.tar');
    const env = { GT_ADMIN_URL: bench.platform.app.adminUrl, GT_ADMIN_TOKEN: owner };
    expect(await runCli(['tenant', 'export', 'quagga', '-o', archive, '--json'], env)).toMatchObject({ code: 0, err: '' });
    execFileSync('tar', ['-xf', archive, '-C', folder]);
    const names = execFileSync('tar', ['-tf', archive], { encoding: 'utf8' }).trim().split('\n');
    return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  }

  it('has something of each kind, contents of files too, and no secret and nothing of others', async () => {
    const files = await exported();
    const text = [...files].flat().join('\n');
    for (const canary of gone.canaries) expect([canary, text.includes(canary)]).toEqual([canary, true]);
    for (const other of [bystander.id, 'wombat', ...gone.secrets, owner, sandboxToken]) expect(text).not.toContain(other);
    for (const secret of [gone.key.secret, owner]) expect(text).not.toContain(credentialHash(secret));
    const end = JSON.parse(files.get('end.json') ?? '') as {
      rows: Record<string, number>;
      contents: number;
      missing_contents: string[];
    };
    expect(end.missing_contents).toEqual([]);
    expect([...files.keys()].filter((name) => name.startsWith('contents/'))).toHaveLength(end.contents);
    expect(end.rows).toMatchObject({ tenants: 1, connections: 1, vector_stores: 1, batches: 1, conversations: 1, budgets: 1 });
    for (const table of [
      'chunks',
      'conversation_items',
      'usage_events',
      'ledger_entries',
      'responses',
      'stored_completions',
      'audit',
    ])
      expect([table, (end.rows[table] ?? 0) > 0]).toEqual([table, true]);
    const [audited] = (await bench.platform.app.admin('GET', '/audit?tenant=quagga&action=export')).body.data;
    expect(audited).toMatchObject({ action: 'export', kind: 'tenant', object_id: gone.id, actor_role: 'owner' });
  });

  it('is for owners: operators see no contents', async () => {
    const refused = await bench.platform.app.admin('GET', '/tenants/quagga/data');
    expect([refused.status, refused.body.error.code]).toEqual([403, 'insufficient_role']);
  });
});

describe('tenants.erase', () => {
  it('wants the slug once more, and erases nothing without it', async () => {
    expect((await erase('quagga', 'wombat')).body.error).toMatchObject({ code: 'invalid_value', param: 'confirm' });
    expect((await erase('nobody', 'nobody')).status).toBe(404);
    expect(await gt('quagga')).toMatchObject({ code: 2, err: expect.stringContaining('--confirm quagga') });
    expect(await count('erasures')).toBe(0);
    expect((await bench.call(gone.key.secret, 'GET', '/models')).status).toBe(200);
  });

  it('leaves nothing of a tenant, though its worker is killed at every step, and all of the others', async () => {
    const before = await rowsOf(bystander);
    expect(before.length).toBeGreaterThan(40);
    const [first, second] = await Promise.all([erase('quagga', 'quagga'), erase(gone.id, 'quagga')]);
    expect([first.status, second.status, second.body.id]).toEqual([202, 202, first.body.id]);
    expect(first.headers.get('location')).toBe(`/api/admin/v1/erasures/${first.body.id}`);
    expect(first.body).toMatchObject({ object: 'erasure', tenant: gone.id, slug: 'quagga', state: 'running', proof: null });
    await until('its keys are refused', async () => (await bench.call(gone.key.secret, 'GET', '/models')).status === 401);

    for (const step of steps) {
      await bench.platform.factory.run((tx) => tx.$executeRaw`update erasures set claimed_until = now(), next_at = now()`);
      const death = bench.worker({ GT_FAULT_POINT: step }).then(({ ended }) => ended, String);
      expect([step, await death]).toEqual([step, expect.stringContaining('SIGKILL')]);
    }
    await bench.platform.factory.run((tx) => tx.$executeRaw`update erasures set claimed_until = now(), next_at = now()`);
    await bench.worker();

    const { code, out } = await gt('quagga', '--confirm', 'quagga', '--wait', '60');
    const erasure = JSON.parse(out) as Record<string, unknown>;
    expect([code, erasure]).toEqual([
      0,
      expect.objectContaining({
        object: 'erasure',
        tenant: gone.id,
        slug: null,
        state: 'done',
        failure: null,
        proof: expect.objectContaining({ rows: 0, objects: 0, jobs: 0, left: [] }),
      }),
    ]);
    const { kept } = erasure['proof'] as { kept: { table: string }[] };
    expect(kept.map(({ table }) => table).sort()).toEqual(['change_feed', 'erasures', 'operator_audit']);
    await expectNoTrace();
    expect(await rowsOf(bystander)).toEqual(before);
    const { body } = await bench.call(bystander.key.secret, 'POST', '/datasets/handbook/search', { query: 'canary' });
    expect(JSON.stringify(body)).toContain('wombat-canary-dataset');
  }, 180_000);

  /** What the platform's own proof says, found by other means: in every table, and in every file of the data folder. */
  async function expectNoTrace(): Promise<void> {
    await bench.platform.factory.run((tx) => tx.$executeRaw`delete from change_feed where tenant_id = ${gone.id}`);
    const text = await databaseText(bench.platform);
    const lines = text.split('\n').filter((row) => row.includes(gone.id) || row.includes('quagga'));
    // The erasure, and what operators did, in their own audit: ids alone.
    expect(lines.filter((row) => row.includes('quagga'))).toEqual([]);
    // A hash may hold a line's end: then one part of the row has its id, and the other one its tenant.
    const audited = ['"id":"aud_', '"in_tenant":'];
    expect(lines.filter((row) => !audited.some((member) => row.includes(member)))).toEqual([
      expect.stringContaining('"state":"done"'),
    ]);
    await until('no file names it', () => !folderText().includes(gone.id.slice(4)));
    const files = folderText();
    for (const canary of [...gone.canaries, ...gone.secrets]) expect([canary, files.includes(canary)]).toEqual([canary, false]);
  }

  it('stays in the audit of the operators by its id, and is found again by it', async () => {
    const audit = await bench.platform.app.admin('GET', '/operator-audit?action=erase');
    expect(audit.body.data).toMatchObject([{ action: 'erase', kind: 'tenant', object_id: gone.id, changes: {}, before: null }]);
    expect((await erase(gone.id, gone.id)).body).toMatchObject({ state: 'done', tenant: gone.id });
    const list = await bench.platform.app.admin('GET', '/erasures?state=done');
    expect(list.body.data).toMatchObject([{ tenant: gone.id }]);
    const { adminUrl, operatorToken } = bench.platform.app;
    const env = { GT_ADMIN_URL: adminUrl, GT_ADMIN_TOKEN: operatorToken };
    const said = await runCli(['tenant', 'erase', gone.id, '--confirm', gone.id], env);
    expect([said.code, said.out]).toEqual([0, expect.stringContaining(`Nothing is left of ${gone.id}.`)]);
    expect(said.out).toMatch(/operator_audit +\d+ +The audit of operators/);
    expect((await erase('quagga', 'quagga')).status).toBe(404);
    expect((await bench.platform.app.admin('GET', '/erasures/era_absent')).status).toBe(404);
  });
});
