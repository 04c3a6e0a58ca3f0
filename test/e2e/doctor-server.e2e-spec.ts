import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { nodeCheck } from '../../src/cli/doctor/server/machine.js';
import { createMigratedDatabase, testSettings } from '../support/app.js';
import { examine, type Examination } from '../support/doctor.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { createTestDatabase, runAsLogin, runFolder } from '../support/postgres.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(runFolder(), 'doctor-'));
  platform = await startPlatform({ settings: { GT_DATA_DIR: folder } });
  env = { ...testSettings, DATABASE_URL: platform.app.databaseUrl, GT_DATA_DIR: folder };
  await until('the storage was claimed', async () =>
    (await run()).checks.some(({ check, state }) => check === 'storage' && state === 'ok'),
  );
});
afterAll(() => platform.close());
afterEach(async () => {
  expect((await run()).found).toEqual([]);
});

const run = (change: Readonly<Record<string, string | undefined>> = {}): Promise<Examination> =>
  examine([], { ...env, ...change });
const sql = (text: string): Promise<unknown> => runAsLogin(platform.app.databaseUrl, text);

/** Examines while the database is changed so; the second statement takes the change back. */
async function during(change: string, back: string): Promise<readonly string[]> {
  await sql(change);
  try {
    return (await run()).found;
  } finally {
    await sql(back);
  }
}

describe('the machine', () => {
  it('is well in every check', async () => {
    const { code, checks } = await run();
    expect(checks.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(checks.map(({ check }) => check)).toEqual([
      'node',
      'settings',
      'data folder',
      'database',
      'migrations',
      'isolation',
      'operators',
      'queue',
      'storage',
      'request log',
      'connections',
    ]);
    expect(code).toBe(0);
  });

  it('says nothing beside its checks, no warning of a library either', async () => {
    const options = { env: { PATH: process.env['PATH'], ...env } };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['bin/gt.mjs', 'doctor'], options);
    expect([stderr, stdout]).toEqual(['', expect.stringMatching(/^ok +connections: \w+, whose secret.*No provider was called/m)]);
  });

  it('has a Node that is too old, settings that are wrong, or a data folder that is none', async () => {
    expect([nodeCheck('18.20.0').diagnosis, nodeCheck('20.18.1').diagnosis, nodeCheck('20.19.0').diagnosis]).toEqual([
      'node-too-old',
      'node-too-old',
      null,
    ]);
    const wrong = await run({ GT_PORT: 'x', GT_SURPRISE: '1' });
    expect([wrong.found, wrong.code]).toEqual([['settings-invalid'], 1]);
    expect(wrong.seen).toMatch(/GT_SURPRISE.*GT_PORT/);
    writeFileSync(join(folder, 'file'), '');
    expect((await run({ GT_DATA_DIR: join(folder, 'file', 'below') })).found).toEqual(['data-folder-read-only']);
  });
});

/** The database behind a wire on which it says that it is of an older release. */
async function agedDatabase(): Promise<{ readonly url: string; close(): void }> {
  const url = new URL(platform.app.databaseUrl);
  const [host, port] = [url.hostname, Number(url.port)];
  const server = createServer((socket) => {
    const upstream = connect(port, host);
    for (const one of [socket, upstream]) one.on('error', () => undefined);
    upstream.on('data', (bytes) => {
      socket.write(Buffer.from(bytes.toString('latin1').replace(/1[6-9]0\d{3}/, '150004'), 'latin1'));
    });
    socket.pipe(upstream).once('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url.port = String((server.address() as AddressInfo).port);
  return { url: url.href, close: () => server.close() };
}

describe('the database', () => {
  it('is of a release that is too old', async () => {
    const aged = await agedDatabase();
    const examined = await run({ DATABASE_URL: aged.url }).finally(() => aged.close());
    expect(examined.found).toEqual(['database-too-old']);
  });

  it('is not named, away, or refuses the login, and its password is not shown', async () => {
    expect((await run({ DATABASE_URL: undefined, GT_DATA_DIR: join(folder, 'none') })).found).toEqual([
      'settings-invalid',
      'database-unset',
    ]);
    const away = await run({ DATABASE_URL: 'postgresql://gt:hidden-word@127.0.0.1:1/gt' });
    expect(away.found).toEqual(['database-away']);
    const url = new URL(platform.app.databaseUrl);
    url.pathname = '/no-such-database';
    expect(await run({ DATABASE_URL: url.href })).toMatchObject({
      found: ['database-away'],
      seen: expect.stringContaining('refuses the login'),
    });
    expect(JSON.stringify(away)).not.toContain('hidden-word');
  });

  it('is empty, lacks a migration, does not keep tenants apart, or has no operator', async () => {
    const empty = await createTestDatabase();
    expect((await run({ DATABASE_URL: empty.url })).found).toEqual(['migrations-missing']);
    await empty.drop();
    const name = `(select max(migration_name) from _prisma_migrations)`;
    await sql(`create table kept_migration as select * from _prisma_migrations where migration_name = ${name}`);
    expect(
      await during(
        `delete from _prisma_migrations where migration_name = ${name}`,
        'insert into _prisma_migrations select * from kept_migration',
      ),
    ).toEqual(['migrations-missing']);
    await sql('drop table kept_migration');
    const table = 'alter table webhooks';
    expect(await during(`${table} no force row level security`, `${table} force row level security`)).toEqual([
      'isolation-broken',
    ]);
    expect(await during('update operator_tokens set revoked_at = now()', 'update operator_tokens set revoked_at = null')).toEqual(
      ['operators-none'],
    );
  });
});

describe('queue and storage', () => {
  it('a queue that is away, or that nobody works on', async () => {
    expect((await run({ REDIS_URL: 'redis://127.0.0.1:1' })).found).toEqual(['queue-away']);
    const id = platform.acme.id;
    const dataset = { connection: 'main', model: 'sandbox-embed' };
    const made = await platform.app.admin('POST', '/datasets', { tenant: 'acme', alias: 'waiting', embedding: dataset });
    expect(made.status).toBe(201);
    const form = new FormData();
    form.append('file', new File(['words'], 'a.txt'));
    const key = await platform.factory.key(platform.acme, { preset: 'platform-automation' });
    await sql(`update keys set datasets = '{*}' where tenant_id = '${id}'`);
    await until('it is uploaded', async () => {
      const headers = { authorization: `Bearer ${key.secret}` };
      return (
        (await fetch(`${platform.app.baseUrl}/datasets/${made.body.id}/files`, { method: 'POST', headers, body: form }))
          .status === 200
      );
    });
    const old = `update files set updated_at = now() - interval '10 minutes' where tenant_id = '${id}'`;
    expect(await during(old, `delete from files where tenant_id = '${id}'`)).toEqual(['queue-stands']);
  });

  it('a storage that is not set, away, or of another database', async () => {
    const s3 = { GT_STORAGE: 's3', GT_S3_ENDPOINT: 'http://127.0.0.1:1', GT_S3_BUCKET: 'files' };
    expect((await run({ ...s3, GT_S3_BUCKET: undefined })).found).toEqual(['settings-invalid']);
    const keys = { GT_S3_ACCESS_KEY_ID: 'a', GT_S3_SECRET_ACCESS_KEY: 'b' };
    expect((await run({ ...s3, ...keys })).found).toEqual(['storage-away']);
    const other = mkdtempSync(join(runFolder(), 'doctor-other-'));
    mkdirSync(join(other, 'files'));
    expect((await run({ GT_DATA_DIR: other })).found).toEqual([]);
    const [{ id } = { id: '' }] = await platform.factory.run((tx) =>
      tx.$queryRawUnsafe<{ id: string }[]>('select id from installation'),
    );
    writeFileSync(join(other, 'files', `${id}.claim`), 'another/1/gt');
    expect(await run({ GT_DATA_DIR: other })).toMatchObject({ found: ['storage-claimed'], code: 0 });
    rmSync(join(other, 'files'), { recursive: true });
    writeFileSync(join(other, 'files'), 'no folder');
    expect((await run({ GT_DATA_DIR: other })).found).toEqual(['storage-away']);
  });
});

describe('the request log', () => {
  it('lacks rows that were left out today, and none that were left out the day before yesterday', async () => {
    const dropped = (ago: string): string =>
      `insert into request_log_drops values (date_trunc('day', now()), 'backlog', 7, now() - interval '${ago}')`;
    const undo = 'delete from request_log_drops';
    expect(await during(dropped('2 days'), undo)).toEqual([]);
    expect(await during(dropped('1 minute'), undo)).toEqual(['request-log-dropped']);
  });
});

describe('providers', () => {
  it('the sandbox of npm run up is away', async () => {
    const other = mkdtempSync(join(runFolder(), 'doctor-up-'));
    const up = (sandboxUrl: string) =>
      writeFileSync(
        join(other, 'up.json'),
        JSON.stringify({ admin_url: 'x', admin_token: 'x', database_url: platform.app.databaseUrl, sandbox_url: sandboxUrl }),
      );
    up(`${platform.sandbox.url}/v1`);
    expect((await run({ GT_DATA_DIR: other })).checks.find(({ check }) => check === 'sandbox')?.state).toBe('ok');
    up('http://127.0.0.1:1/v1');
    expect((await run({ GT_DATA_DIR: other })).found).toEqual(['sandbox-away']);
  });

  it('there are none yet', async () => {
    const fresh = await createMigratedDatabase();
    const { checks } = await run({ DATABASE_URL: fresh.url }).finally(() => fresh.drop());
    expect(checks.find(({ check }) => check === 'connections')).toMatchObject({ state: 'ok', detail: 'there are none yet.' });
  });

  it('secrets of connections do not open, and are named by connection and tenant', async () => {
    const wrong = await run({ GT_SECRET_KEYS: `test:${'B'.repeat(43)}=` });
    expect(wrong).toMatchObject({ found: ['connection-sealed'], seen: expect.stringContaining('main (acme)') });
  });

  it('addresses that the settings do not allow; a running npm run up tells those of its processes', async () => {
    const refusing = { GT_ALLOW_PRIVATE_UPSTREAMS: 'false' };
    expect(await run(refusing)).toMatchObject({ found: ['connection-address-refused'], code: 0 });
    const up = { admin_url: 'x', admin_token: 'x', database_url: platform.app.databaseUrl, private_upstreams: 'true' };
    const file = join(folder, 'up.json');
    writeFileSync(file, JSON.stringify(up));
    expect((await run(refusing).finally(() => rmSync(file))).found).toEqual([]);
  });

  it('logins that are lost, and breakers that are open', async () => {
    const auth = {
      mode: 'oauth',
      grant: 'client_credentials',
      token_endpoint: 'http://127.0.0.1:1/t',
      client_id: 'a',
      client_secret: 'b',
    };
    const made = await platform.app.admin('POST', '/connections', {
      tenant: 'acme',
      name: 'login',
      base_url: 'http://127.0.0.1:1/v1',
      auth,
    });
    expect(made.status).toBe(201);
    await sql(`update connection_logins set state = 'lost' where id = '${made.body.id}'`);
    expect((await run()).found).toEqual(['connection-login-lost']);
    expect((await platform.app.admin('DELETE', `/connections/${made.body.id}?tenant=acme`)).status).toBe(200);
    const { id, connectionId } = platform.acme;
    const open = `insert into connection_health (tenant_id, id, process, state, calls, failures) values ('${id}', '${connectionId}', 'test', 'open', 10, 10)`;
    expect(await during(open, `delete from connection_health where process = 'test'`)).toEqual(['connection-failing']);
  });
});
