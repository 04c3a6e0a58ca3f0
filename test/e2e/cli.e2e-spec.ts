import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli, type CliRun } from '../support/cli.js';
import { zipWith } from '../support/documents.js';
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
    expect(await json('connection', 'create', ...own, ...connection, '--embedding-batch-size', '64')).toMatchObject({
      auth: { mode: 'header_token', secret_set: true },
      embedding_batch_size: 64,
    });
    expect(await json('connection', 'update', 'main', ...own, '--embedding-batch-size', '32')).toMatchObject({
      embedding_batch_size: 32,
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

  it('a connection gets headers whose values stand in variables', async () => {
    const place = [...acme, '--name', 'with-headers', '--base-url', `${platform.sandbox.url}/v1`];
    const made = await gt(
      'connection',
      'create',
      ...place,
      '--headers-env',
      'X-Team=PROVIDER_TOKEN,x-plan=PROVIDER_TOKEN',
      '--json',
    );
    expect([made.code, JSON.parse(made.out)]).toMatchObject([0, { headers: ['x-plan', 'x-team'] }]);
    expect(await json('connection', 'update', 'with-headers', ...acme, '--headers', '{x-plan: null}')).toMatchObject({
      headers: ['x-team'],
    });
    const further = ['--token-env', 'PROVIDER_TOKEN', '--further-tokens-env', 'PROVIDER_TOKEN'];
    expect(await json('connection', 'update', 'with-headers', ...acme, ...further)).toMatchObject({ auth: { tokens: 2 } });
    for (const wrong of ['x-team', 'x-team=NOT_SET', '=PROVIDER_TOKEN'])
      expect((await gt('connection', 'update', 'with-headers', ...acme, '--headers-env', wrong)).code).toBe(2);
    await json('connection', 'delete', 'with-headers', ...acme);
  });

  it('a connection gets a proxy whose password stands in a variable', async () => {
    const place = [...acme, '--name', 'with-proxy', '--base-url', `${platform.sandbox.url}/v1`];
    const proxy = ['--proxy', '{url: "http://127.0.0.1:3128", username: gateway}'];
    const made = await json('connection', 'create', ...place, ...proxy, '--proxy-password-env', 'PROVIDER_TOKEN');
    expect(made).toMatchObject({ proxy: { url: 'http://127.0.0.1:3128', secret_set: true }, ca: null });
    expect((await gt('connection', 'update', 'with-proxy', ...acme, '--proxy-password-env', 'PROVIDER_TOKEN')).code).toBe(2);
    expect((await gt('connection', 'update', 'with-proxy', ...acme, ...proxy, '--proxy-password-env', 'NOT_SET')).code).toBe(2);
    expect(await json('connection', 'update', 'with-proxy', ...acme, '--proxy', 'null')).toMatchObject({ proxy: null });
    await json('connection', 'delete', 'with-proxy', ...acme);
  });

  it('a key is changed, explained, rotated, disabled, enabled and revoked by its name', async () => {
    await json('key', 'create', ...acme, '--name', 'life', '--preset', 'openai-chat-client', '--agents', 'assistant');
    expect(await json('key', 'update', 'life', ...acme, '--allowed-ips', '192.0.2.1,198.51.100.0/24')).toMatchObject({
      allowed_ips: ['192.0.2.1', '198.51.100.0/24'],
    });
    expect(await json('key', 'update', 'life', ...acme, '--allowed-ips', '')).toMatchObject({ allowed_ips: [] });
    const asked = ['key', 'explain', 'life', ...acme, '--method', 'POST', '--path', '/files'];
    const refused = await gt(...asked, '--json');
    expect(JSON.parse(refused.out)).toMatchObject({ allowed: false, status: 403, code: 'insufficient_scope' });
    const told = await gt(...asked);
    expect(told.out).toMatch(/^refused: 403 insufficient_scope\n\nOK +CHECK +DETAIL\n/);
    expect([refused.code, told.code]).toEqual([1, 1]);
    expect(await json('key', 'explain', 'life', ...acme, '--method', 'GET', '--path', '/models')).toMatchObject({
      allowed: true,
    });
    expect((await json('key', 'rotate', 'life', ...acme, '--overlap-seconds', '60')).secret).toMatch(/^gtak_/);
    expect(await json('key', 'disable', 'life', ...acme)).toMatchObject({ state: 'disabled' });
    expect(await json('key', 'enable', 'life', ...acme)).toMatchObject({ state: 'active' });
    expect(await json('key', 'exercise', 'life', ...acme, '--since', '2026-01-01')).toMatchObject({ object: 'list', data: [] });
    expect(await gt('key', 'narrow', 'life', ...acme)).toMatchObject({
      code: 1,
      err: expect.stringContaining('disable or revoke'),
    });
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

  it('a webhook is made, changed, rotated with an overlap, looked into and deleted', async () => {
    const made = await json(
      'webhook',
      'create',
      ...acme,
      '--target-url',
      'https://hooks.example.com/gt',
      '--events',
      'file.ready',
    );
    expect(made).toMatchObject({ object: 'webhook', secret: expect.stringMatching(/^whsec_/), overlap_ends_at: null });
    const { secret: _secret, ...shown } = made;
    expect(await json('webhook', 'get', made.id, ...acme)).toEqual(shown);
    expect((await json('webhook', 'list', ...acme, '--state', 'active')).data).toEqual([shown]);
    expect((await gt('webhook', 'list', ...acme)).out).toMatch(/^URL +EVENTS +STATE +OVERLAP ENDS AT +ID\n/);
    expect(await json('webhook', 'update', made.id, ...acme, '--state', 'disabled')).toMatchObject({ state: 'disabled' });
    const rotated = await json('webhook', 'rotate', made.id, ...acme, '--overlap-seconds', '60');
    expect(rotated.overlap_ends_at).toBeLessThanOrEqual(Date.now() / 1000 + 60);
    expect((await gt('webhook', 'rotate', made.id, ...acme, '--overlap-seconds', '-1')).err).toMatch(/^gt: --overlap-seconds /);
    const atOnce = await gt('webhook', 'rotate', made.id, ...acme, '--overlap-seconds', '0');
    expect([atOnce.out, atOnce.err]).toEqual([expect.stringMatching(/^secret +whsec_/m), expect.stringContaining('keep it now')]);
    expect(await json('webhook', 'deliveries', made.id, ...acme)).toMatchObject({ object: 'list', data: [] });
    expect(await json('webhook', 'delete', made.id, ...acme)).toMatchObject({ deleted: true });
  });

  it('an archive fills a dataset: what was refused is told, and the files show how far they are', async () => {
    await json(
      ...['dataset', 'create', ...acme, '--alias', 'papers'],
      ...['--embedding', '{connection: main, model: sandbox-embed}'],
    );
    const path = join(folder, 'papers.zip');
    writeFileSync(path, await zipWith({ 'one.txt': 'The first.', 'two.md': '# The second', 'three.bin': Buffer.alloc(64, 1) }));
    const run = await gt('dataset', 'import', 'papers', ...acme, '-f', path);
    expect(run.code).toBe(1);
    expect(run.out).toMatch(/^Refused:\nNAME +CODE +MESSAGE\nthree\.bin +unsupported_media_type /);
    expect(run.out).toMatch(/\nImported 2, refused 1\.\n$/);
    expect(run.err).toMatch(/^How far they have come: gt file list --dataset ds_/);
    writeFileSync(path, await zipWith({ 'four.txt': 'The fourth.' }));
    expect(await json('dataset', 'import', 'papers', ...acme, '-f', path)).toMatchObject({
      object: 'dataset.import',
      accepted: 1,
      refused: 0,
      results: [{ name: 'four.txt', file_id: expect.stringMatching(/^file-/), error: null }],
    });
    const listed = await json('file', 'list', ...acme, '--dataset', 'papers', '--state', 'stored');
    expect(listed.data.map(({ filename }: { filename: string }) => filename).sort()).toEqual(['four.txt', 'one.txt', 'two.md']);
    expect((await gt('file', 'list', ...acme, '--filename', 'four.txt')).out).toMatch(
      / four\.txt +11 +queued +queue 0 % +- +file-/,
    );
    expect((await gt('file', 'list', ...acme, '--dataset', 'absent')).code).toBe(1);
    expect(await json('dataset', 'reembed', 'papers', ...acme)).toMatchObject({ files: 3 });
    expect(await json('dataset', 'delete', 'papers', ...acme)).toMatchObject({ deleted: true });
  });

  it('an archive that the platform refuses as a whole is exit code 1 with its sentence', async () => {
    const path = join(folder, 'plain.txt');
    writeFileSync(path, 'no archive');
    await json('dataset', 'create', ...acme, '--alias', 'none', '--embedding', '{connection: main, model: sandbox-embed}');
    const refused = await gt('dataset', 'import', 'none', ...acme, '-f', path, '--json');
    expect(refused).toEqual({ code: 1, out: '', err: 'gt: The file must be a ZIP archive.\n' });
    expect((await gt('dataset', 'import', 'absent', ...acme, '-f', path)).code).toBe(1);
    await json('dataset', 'delete', 'none', ...acme);
  });

  it('changes of a tenant and of operators are listed, with filters', async () => {
    const made = await json(
      'preset',
      'create',
      ...acme,
      '--slug',
      'told',
      '--name',
      'x',
      '--purpose',
      'inference',
      '--scopes',
      'inference:chat',
    );
    const { data } = await json('audit', 'list', ...acme, '--object-id', made.id);
    expect(data).toMatchObject([{ action: 'create', kind: 'preset', actor_role: 'operator' }]);
    expect((await gt('audit', 'list', ...acme, '--limit', '1')).out).toMatch(/^CREATED AT +ACTOR +ACTOR ROLE +ACTION +KIND/);
    await json('preset', 'delete', 'told', ...acme);
  });

  it("operators' tokens are listed and revoked, and what was done with them is told", async () => {
    const { secret } = await json('operator', 'create', '--name', 'leaver');
    const { data } = await json('operator', 'list', '--name', 'leaver');
    expect(data).toMatchObject([{ state: 'active', last_four: secret.slice(-4) }]);
    expect((await gt('operator', 'revoke', data[0].id)).code).toBe(0);
    expect((await gt('tenant', 'list', '--token', secret)).err).toContain('Check --token');
    expect((await json('operator', 'audit', '--object-id', data[0].id)).data).toMatchObject([
      { action: 'revoke' },
      { action: 'create' },
    ]);
    expect((await gt('operator', 'audit')).out).toMatch(/^CREATED AT +ACTOR/);
  });

  it('usage comes with its totals', async () => {
    expect(await json('usage', 'list', ...acme)).toMatchObject({ object: 'list', totals: { calls: 0, total_tokens: 0 } });
    expect((await gt('usage', 'list', ...acme)).out).toMatch(/\nTOTALS\ncalls +0\n/);
    expect(await gt('usage', 'list', ...acme, '--key', 'laptop')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--key must be the id of a key'),
    });
  });

  it('a key is shown with what it used, and narrowed to it', async () => {
    const create = ['key', 'create', ...acme, '--name', 'wide', '--preset', 'chat-plus-embeddings', '--raw-models', 'raw-chat'];
    const { secret } = await json(...create);
    const answer = await fetch(`${platform.app.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'raw-chat', messages: [{ role: 'user', content: 'hi' }] }),
    });
    expect(answer.status).toBe(200);
    await answer.text();
    const shown = await gt('key', 'exercise', 'wide', ...acme);
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(shown.out).toMatch(/^KIND +VALUE +CALLS/);
    expect(shown.out).toMatch(
      /\nexercised +inference:chat\nunused +inference:embed\nnarrowest +inference:chat\nnarrowest preset +openai-chat-client\n$/,
    );
    expect((await gt('key', 'narrow', 'wide', ...acme, '--dry-run')).out).toBe(
      'Would be taken from wide: inference:embed.\nLeft: inference:chat.\n',
    );
    expect((await gt('key', 'narrow', 'wide', ...acme)).out).toBe('Taken from wide: inference:embed.\nLeft: inference:chat.\n');
    expect((await gt('key', 'narrow', 'wide', ...acme)).out).toBe(
      'Nothing is to be taken from wide: its calls needed inference:chat.\n',
    );
    expect(await gt('key', 'narrow', 'wide', ...acme, '--since', 'soon')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--since'),
    });
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

const overlapping = ['dataset', 'create', '--tenant', 'acme', '--alias', 'x', '--embedding', '{connection: main, model: m}'];

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
    ['an archive that is not there', ['dataset', 'import', 'ds_1', '--tenant', 'acme', '-f', 'no-such.zip']],
    ['an archive that is a folder', ['dataset', 'import', 'ds_1', '--tenant', 'acme', '-f', '.']],
    ['an import without an archive', ['dataset', 'import', 'ds_1', '--tenant', 'acme']],
    ['an overlap of more than half a passage', [...overlapping, '--chunk-tokens', '64', '--overlap-tokens', '33']],
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
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('Check --token or GT_ADMIN_TOKEN, or sign in')]);
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
          expect.objectContaining({ check: 'migrations', ok: false, advice: 'Run: npx --no -- gt migrate' }),
        ]),
      });
      const first = await runCli(['migrate', '--json'], env);
      expect((JSON.parse(first.out) as { applied: string[] }).applied.length).toBeGreaterThan(0);
      expect((await runCli(['migrate'], env)).out).toBe('The database is up to date.\n');
      const nobody = await runCli(['doctor'], env);
      expect([nobody.code, nobody.out]).toEqual([
        1,
        expect.stringContaining('FAIL  operators: No operator has a token. Run: npx --no -- gt operator create'),
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
