import { mkdtempSync, readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { AuditObject } from '../../src/contracts/audit.js';
import { chainHash, chainStart } from '../../src/modules/audit-chain/chain-hash.js';
import { SealingRepository } from '../../src/modules/audit-chain/sealing.repository.js';
import { SealingService } from '../../src/modules/audit-chain/sealing.service.js';
import { ConnectionPool } from '../../src/platform/database/connection-pool.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { tokenOf } from '../support/admin.js';
import { expectCreated, refusal, startAdminFixture, type AdminFixture } from '../support/admin-fixture.js';
import { runCli } from '../support/cli.js';
import { runFolder } from '../support/postgres.js';

let fixture: AdminFixture;
let client: pg.Client;
let connections: ConnectionPool;
let ownerToken: string;
/** So many rows of many pages were made before anything else. */
const many = 1_234;

beforeAll(async () => {
  fixture = await startAdminFixture();
  client = new pg.Client({ connectionString: fixture.app.databaseUrl });
  await client.connect();
  connections = new ConnectionPool({ DATABASE_URL: fixture.app.databaseUrl, GT_DATABASE_POOL: 2 });
  ownerToken = await tokenOf(fixture.app, 'acme', 'owner');
  await client.query(
    `insert into audit (tenant_id, id, actor, actor_role, action, kind, object_id, request_id, changes, address, created_at)
     select t.id, 'aud_' || lpad(n::text, 6, '0'), '=cmd|' || chr(10) || '"x"', 'owner', 'many', 'key', 'key_' || n, 'req_many',
            jsonb_build_object('n', n), '192.0.2.' || n % 3, timestamptz '2026-01-01' + n * interval '1 second'
       from tenants t, generate_series(1, $1::int) n where t.slug = 'acme'`,
    [many],
  );
  await new SealingService(new SealingRepository(new PlatformDatabase(connections))).sealAll(new AbortController().signal);
});
afterAll(async () => {
  await client.end();
  await connections.close();
  await fixture.close();
});

const env = (token: string) => ({ GT_ADMIN_URL: fixture.app.adminUrl, GT_ADMIN_TOKEN: token });

function exported(query: string, headers: Record<string, string> = {}, token = ownerToken): Promise<Response> {
  return fetch(`${fixture.app.adminUrl}${query}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
}

async function rowsOf(query: string): Promise<AuditObject[]> {
  return ((await (await exported(`/audit/export?${query}`)).json()) as { data: AuditObject[] }).data;
}

describe('an export of the audit', () => {
  it('has all rows of the filter, the oldest first, and lets anybody count the hashes again', async () => {
    const reply = await exported('/audit/export?format=json');
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    const { chain, data } = (await reply.json()) as { chain: string; data: AuditObject[] };
    const sealed = data.filter((row) => row.sealed).sort((one, other) => (one.seq ?? 0) - (other.seq ?? 0));
    expect(sealed.length).toBeGreaterThan(many);
    let before = chainStart;
    for (const [at, row] of sealed.entries()) {
      const { object: _object, sealed: _sealed, seq, hash, created_at: _seconds, time, ...columns } = row;
      before = chainHash(before, { ...columns, tenant_id: chain, created_at: time }, at + 1);
      expect([seq, hash]).toEqual([at + 1, before.toString('hex')]);
    }
    const times = data.map(({ time }) => time);
    expect(times).toEqual([...times].sort());
  });

  it.each([
    ['request_id=req_many', () => many],
    ['request_id=req_many&address=192.0.2.1', () => 412],
    ['request_id=req_many&since=2026-01-01T00:00:10Z&until=2026-01-01T00:00:20Z', () => 10],
    ['object_id=key_7&action=many&kind=key', () => 1],
    ['actor=nobody', () => 0],
  ])('and a list keep to %s', async (query, count) => {
    expect(await rowsOf(query)).toHaveLength(count());
    const { body } = await fixture.owner('GET', `/audit?limit=100&${query}`);
    expect(body.data).toHaveLength(Math.min(count(), 100));
  });

  it('and a list follow somebody over all sessions', async () => {
    await client.query(
      `insert into audit (tenant_id, id, actor, actor_role, action, kind, object_id, request_id, changes)
       select t.id, 'aud_by_' || n, actor, 'owner', 'update', 'key', 'key_by', 'req_by', '{}' from tenants t,
         unnest(array['ada@example.com (ses_1)', 'ada@example.com (ses_2)', 'ada@example.community (ses_3)']) with ordinality a (actor, n)
        where t.slug = 'acme'`,
    );
    const by = async (actor: string) => (await rowsOf(`object_id=key_by&actor=${encodeURIComponent(actor)}`)).map(({ id }) => id);
    expect([await by('ada@example.com'), await by('ada@example.com (ses_2)')]).toEqual([['aud_by_1', 'aud_by_2'], ['aud_by_2']]);
  });

  it('is CSV for spreadsheets, in which no cell is a formula', async () => {
    const query = '/audit/export?request_id=req_many&until=2026-01-01T00:00:03Z';
    const [asked, accepted] = [await exported(`${query}&format=csv`), await exported(query, { accept: 'text/csv' })];
    expect(asked.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(asked.headers.get('content-disposition')).toBe('attachment; filename="audit.csv"');
    const text = await asked.text();
    expect(await accepted.text()).toBe(text);
    const heading = 'id,time,actor,actor_role,action,kind,object_id,request_id,address,changes,before,sealed,seq,hash\r\n';
    const [, seq, hash] = /true,(\d+),([0-9a-f]{64})/.exec(text) ?? [];
    expect(text.startsWith(heading)).toBe(true);
    expect(text.slice(heading.length)).toContain(
      `aud_000001,2026-01-01T00:00:01.000Z,"'=cmd|\n""x""",owner,many,key,key_1,req_many,192.0.2.1,"{""n"":1}",,true,${seq ?? ''},${hash ?? ''}\r\n`,
    );
  });

  it('is audited itself', async () => {
    await rowsOf('kind=key&format=json');
    const { body } = await fixture.owner('GET', '/audit?action=export&limit=1');
    expect(body.data[0]).toMatchObject({ kind: 'audit', changes: { format: 'json', kind: 'key' }, address: '127.0.0.1' });
  });

  it('is for owners, and of the own tenant', async () => {
    expect(refusal(await fixture.manager('GET', '/audit/export'))).toEqual([403, 'insufficient_role', null]);
    expect(refusal(await fixture.owner('GET', '/operator-audit/export'))).toEqual([403, 'insufficient_role', null]);
    expect(refusal(await fixture.owner('GET', '/audit/export?format=xml'))).toEqual([400, 'invalid_value', 'format']);
    const { body } = await fixture.stranger('GET', '/audit/export?request_id=req_many');
    expect(body.data).toEqual([]);
  });

  it('is written to a file by gt, which a refusal leaves alone', async () => {
    const file = join(mkdtempSync(join(runFolder(), 'export-')), 'audit.csv');
    const run = (token: string, ...args: string[]) => runCli(['audit', 'export', ...args, '-o', file], env(token));
    expect((await run('gtad_wrong', '--format', 'csv')).code).toBe(1);
    expect(existsSync(file)).toBe(false);
    expect(await run(ownerToken, '--format', 'csv', '--request-id', 'req_many')).toMatchObject({
      code: 0,
      err: `Wrote ${file}.\n`,
    });
    // Two lines for each row, since the actor has a line break in its name.
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(1 + many * 2);
    const shown = await runCli(['audit', 'export', '--object-id', 'key_7'], env(ownerToken));
    expect((JSON.parse(shown.out) as { data: unknown[] }).data).toHaveLength(1);
  });

  it('hands out what belongs to no tenant to operators', async () => {
    const amounts = { input: 1, output: 1 };
    await expectCreated(fixture.app.admin('POST', '/prices', { provider: 'azure', model: 'm', amounts }));
    const { code, out } = await runCli(['operator', 'audit', 'export', '--kind', 'price'], env(fixture.app.operatorToken));
    const { chain, data } = JSON.parse(out) as { chain: string; data: AuditObject[] };
    expect([code, chain, data.map(({ action }) => action)]).toEqual([0, 'operators', ['create']]);
    const { body } = await fixture.app.admin('GET', '/operator-audit?action=export');
    expect(body.data).toHaveLength(1);
  });
});
