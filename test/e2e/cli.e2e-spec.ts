import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli, type CliRun } from '../support/cli.js';
import { sandboxToken, startPlatform, type TestPlatform } from '../support/platform.js';
import { createTestDatabase, runFolder } from '../support/postgres.js';

let platform: TestPlatform;
let folder: string;

beforeAll(async () => {
  platform = await startPlatform();
  folder = mkdtempSync(join(runFolder(), 'cli-'));
  const { adminUrl, operatorToken, databaseUrl } = platform.app;
  writeFileSync(
    join(folder, 'up.json'),
    JSON.stringify({ version: 1, admin_url: adminUrl, admin_token: operatorToken, database_url: databaseUrl }),
  );
});
afterAll(() => platform.close());

/** Finds the platform as people do: by the up.json of the data folder. */
function gt(...args: string[]): Promise<CliRun> {
  return runCli(args, { GT_DATA_DIR: folder, PROVIDER_TOKEN: sandboxToken });
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test reads of a reply is judged by the test
async function json(...args: string[]): Promise<any> {
  const run = await gt(...args, '--json');
  expect({ code: run.code, err: run.err }).toEqual({ code: 0, err: '' });
  return JSON.parse(run.out) as unknown;
}

const acme = ['--tenant', 'acme'] as const;

describe('resources', () => {
  it('goes the whole way from a tenant to a call over the admin plane alone', async () => {
    const own = ['--tenant', 'fresh'];
    await json('tenant', 'create', '--slug', 'fresh', '--name', 'Fresh');
    const connection = ['--name', 'main', '--base-url', `${platform.sandbox.url}/v1`, '--token-env', 'PROVIDER_TOKEN'];
    expect(await json('connection', 'create', ...own, ...connection)).toMatchObject({
      auth: { mode: 'header_token', secret_set: true },
    });
    expect(await json('connection', 'test', 'main', ...own)).toMatchObject({ ok: true, status: 200 });
    expect((await json('connection', 'models', 'main', ...own)).data.map(({ id }: { id: string }) => id)).toContain(
      'sandbox-chat',
    );
    await json('agent', 'create', ...own, '--name', 'helper', '--models', '{chat: {connection: main, model: sandbox-chat}}');
    expect(await json('agent', 'publish', 'helper', ...own, '--endpoint', 'assistant')).toMatchObject({ number: 1 });
    await json('endpoint', 'update', 'assistant', ...own, '--default');
    const key = await json('key', 'create', ...own, '--name', 'app', '--preset', 'openai-chat-client', '--agents', 'assistant');
    const answer = await fetch(`${platform.app.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'default', messages: [{ role: 'user', content: 'hello' }] }),
    });
    expect(answer.status).toBe(200);
    await json('tenant', 'delete', 'fresh');
    expect((await gt('tenant', 'get', 'fresh')).code).toBe(1);
  });

  it('a key is changed, explained, rotated, disabled, enabled and revoked by its name', async () => {
    await json('key', 'create', ...acme, '--name', 'life', '--preset', 'openai-chat-client', '--agents', 'assistant');
    expect(await json('key', 'update', 'life', ...acme, '--allowed-ips', '192.0.2.1,198.51.100.0/24')).toMatchObject({
      allowed_ips: ['192.0.2.1', '198.51.100.0/24'],
    });
    expect(await json('key', 'update', 'life', ...acme, '--allowed-ips', '')).toMatchObject({ allowed_ips: [] });
    const asked = ['key', 'explain', 'life', ...acme, '--method', 'POST', '--path', '/files'];
    expect(await json(...asked)).toMatchObject({ allowed: false, status: 403, code: 'insufficient_scope' });
    expect((await gt(...asked)).out).toMatch(/^refused: 403 insufficient_scope\n\nOK +CHECK +DETAIL\n/);
    expect((await json('key', 'rotate', 'life', ...acme, '--overlap-seconds', '60')).secret).toMatch(/^gtak_/);
    expect(await json('key', 'disable', 'life', ...acme)).toMatchObject({ state: 'disabled' });
    expect(await json('key', 'enable', 'life', ...acme)).toMatchObject({ state: 'active' });
    expect(await json('key', 'exercise', 'life', ...acme)).toMatchObject({ object: 'list', data: [] });
    expect(await json('key', 'revoke', 'life', ...acme)).toMatchObject({ state: 'revoked' });
    expect(await json('key', 'delete', 'life', ...acme)).toMatchObject({ deleted: true });
  });

  it('lists are tables for people and one JSON document with --json', async () => {
    const run = await gt('endpoint', 'list', ...acme);
    const [head, ...rows] = run.out.trimEnd().split('\n');
    expect(head).toMatch(/^NAME +KIND +DEFAULT +AGENT/);
    expect(rows.map((row) => row.split(/ +/)[0]).sort()).toEqual(['assistant', 'raw-chat']);
    expect(await json('endpoint', 'list', ...acme, '--kind', 'raw_model')).toMatchObject({
      object: 'list',
      data: [{ name: 'raw-chat' }],
      has_more: false,
    });
    const page = await gt('endpoint', 'list', ...acme, '--limit', '1');
    expect(page.err).toMatch(/^There are more: --after ep_/);
    expect((await gt('member', 'list', ...acme)).err).toBe('There are none.\n');
  });

  it('usage comes with its totals', async () => {
    expect(await json('usage', 'list', ...acme)).toMatchObject({ object: 'list', totals: { calls: 0, total_tokens: 0 } });
    expect((await gt('usage', 'list', ...acme)).out).toMatch(/\nTOTALS\ncalls +0\n/);
  });

  it('fields may come from a file, and flags win over it', async () => {
    const path = join(folder, 'preset.yaml');
    writeFileSync(path, 'slug: mine\nname: From the file\npurpose: inference\nscopes: ["inference:chat"]\n');
    expect(await json('preset', 'create', ...acme, '--from', path, '--name', 'From the flag')).toMatchObject({
      slug: 'mine',
      name: 'From the flag',
    });
    expect((await gt('preset', 'delete', 'mine', ...acme)).code).toBe(0);
  });
});

describe('faults', () => {
  it.each([
    ['an unknown command', ['nonsense']],
    ['an unknown flag', ['key', 'list', '--bogus']],
    ['a missing argument', ['key', 'get']],
    ['a missing field', ['tenant', 'create', '--name', 'x']],
    [
      'a value that the schema refuses',
      ['key', 'create', '--tenant', 'acme', '--name', 'x', '--preset', 'openai-chat-client', '--keep-alive', 'nope'],
    ],
    ['an update of nothing', ['key', 'update', 'x', '--tenant', 'acme']],
    ['a file that is not there', ['apply', '-f', 'no-such.yaml']],
    ['an address that is none', ['tenant', 'list', '--url', 'nowhere']],
  ])('%s is exit code 2 with a sentence on stderr and nothing on stdout', async (_case, args) => {
    const run = await gt(...args, '--json');
    expect(run.code).toBe(2);
    expect(run.out).toBe('');
    expect(run.err).toMatch(/^gt: \S.+\n$/);
  });

  it('a refusal of the platform is exit code 1 with its own sentence', async () => {
    const run = await gt('key', 'get', 'absent', ...acme, '--json');
    expect(run).toEqual({ code: 1, out: '', err: 'gt: No such key.\n' });
    expect((await gt('key', 'list')).err).toContain('--tenant <slug>');
    const wrong = await gt('tenant', 'list', '--token', 'gtad_wrong');
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('Check --token or GT_ADMIN_TOKEN.')]);
  });

  it('a platform that cannot be reached is exit code 1 and names the address and the settings', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const run = await gt('tenant', 'list', '--url', `http://127.0.0.1:${port}`, '--token', 'x');
    expect(run.code).toBe(1);
    expect(run.err).toContain(`http://127.0.0.1:${port} cannot be reached (ECONNREFUSED)`);
    expect(run.err).toContain('GT_ADMIN_URL');
  });

  it('the token follows no redirect to another address', async () => {
    const seen: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const first = createServer((_request, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` }).end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => first.once('listening', resolve));
    const run = await gt(
      'tenant',
      'list',
      '--url',
      `http://127.0.0.1:${(first.address() as AddressInfo).port}`,
      '--token',
      'gtad_secret',
    );
    await Promise.all([first, other].map((server) => new Promise((resolve) => server.close(resolve))));
    expect(run.code).toBe(1);
    expect(seen).toEqual([]);
  });
});

describe('commands of the database', () => {
  it('migrate fills an empty database once, operator create makes a token that works, doctor finds all well', async () => {
    const database = await createTestDatabase();
    const env = { DATABASE_URL: database.url, GT_DATA_DIR: join(folder, 'none'), GT_SECRET_KEYS: `a:${'A'.repeat(43)}=` };
    try {
      const empty = await runCli(['doctor', '--json'], env);
      expect(empty.code).toBe(1);
      expect(JSON.parse(empty.out)).toMatchObject({
        ok: false,
        checks: expect.arrayContaining([
          expect.objectContaining({ check: 'migrations', ok: false, advice: 'Run: npx --no gt migrate' }),
        ]),
      });
      const first = await runCli(['migrate', '--json'], env);
      expect((JSON.parse(first.out) as { applied: string[] }).applied.length).toBeGreaterThan(0);
      expect((await runCli(['migrate'], env)).out).toBe('The database is up to date.\n');
      const nobody = await runCli(['doctor'], env);
      expect([nobody.code, nobody.out]).toEqual([
        1,
        expect.stringContaining('FAIL  operators: nobody has a token. Run: npx --no gt operator create'),
      ]);
      const made = await runCli(['operator', 'create', '--name', 'first', '--json'], env);
      expect(JSON.parse(made.out)).toEqual({ object: 'operator_token', name: 'first', secret: expect.stringMatching(/^gtad_/) });
      const well = await runCli(['doctor'], env);
      expect([well.code, well.out.match(/^FAIL/m)]).toEqual([0, null]);
    } finally {
      await database.drop();
    }
  });

  it('use the database of a running platform where DATABASE_URL is not set', async () => {
    const { secret } = await json('operator', 'create', '--name', 'second');
    expect((await gt('tenant', 'list', '--token', secret)).code).toBe(0);
    expect((await gt('migrate')).out).toBe('The database is up to date.\n');
  });

  it('say what to set when there is none or it cannot be reached, and never show its password', async () => {
    const none = await runCli(['migrate'], { GT_DATA_DIR: join(folder, 'none') });
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('set DATABASE_URL')]);
    const dead = await runCli(['operator', 'create', '--name', 'x'], {
      DATABASE_URL: 'postgresql://gt:hidden-word@127.0.0.1:1/gt',
    });
    expect([dead.code, dead.out]).toEqual([1, '']);
    expect(dead.err).toMatch(/^gt: The database .*DATABASE_URL.*\n$/);
    expect(dead.err).not.toContain('hidden-word');
  });
});
