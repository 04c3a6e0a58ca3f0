import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { builtInPreset } from '../../src/catalog/presets.js';
import { runbooks } from '../../src/catalog/runbooks/index.js';
import { presetReaches } from '../../src/catalog/runbooks/reach.js';
import { runbookObject, type RunbookObject } from '../../src/contracts/runbooks.js';
import { tokenOf } from '../support/admin.js';
import { runCli, type CliRun } from '../support/cli.js';
import { startPlatform, type SeededTenant, type TestPlatform } from '../support/platform.js';

let platform: TestPlatform;
let other: SeededTenant;
/** Where the other tenant is found: under a host of its own. */
let otherOrigin: string;

beforeAll(async () => {
  platform = await startPlatform();
  const { factory, sandbox, app } = platform;
  other = await factory.tenant('other', `${sandbox.url}/v1`);
  await factory.alias(other, 'other-only');
  const hosts = await app.admin('PATCH', '/tenants/other', { hosts: ['api.other.example'] });
  expect(hosts.status).toBe(200);
  otherOrigin = app.url.replace('127.0.0.1', 'api.other.example');
});
afterAll(() => platform.close());

const clients = runbooks.filter(({ client }) => client !== null);

async function runbookOf(slug: string, tenant = 'acme', more = ''): Promise<RunbookObject> {
  const { status, body } = await platform.app.admin('GET', `/runbooks/${slug}?tenant=${tenant}${more}`);
  expect([slug, status]).toEqual([slug, 200]);
  return runbookObject.parse(body);
}

async function textOf(path: string): Promise<{ readonly type: string | null; readonly text: string }> {
  const { adminUrl, operatorToken } = platform.app;
  const reply = await fetch(adminUrl + path, { headers: { authorization: `Bearer ${operatorToken}` } });
  expect(reply.status).toBe(200);
  return { type: reply.headers.get('content-type'), text: await reply.text() };
}

describe('GET /runbooks', () => {
  it('lists every product, with what it is configured with in this tenant', async () => {
    const { status, body } = await platform.app.admin(
      'GET',
      '/runbooks',
      undefined,
      await tokenOf(platform.app, 'acme', 'viewer'),
    );
    expect([status, body.data.length, body.has_more]).toEqual([200, runbooks.length, false]);
    const found = (id: string) => body.data.find((row: { readonly id: string }) => row.id === id);
    expect(found('cursor')).toMatchObject({ preset: 'openai-chat-client', base_url: platform.app.baseUrl, chat: 'native' });
    expect(found('xcode').base_url).toBe(`${platform.app.url}/api/tenant`);
    expect(found('claude-code')).toMatchObject({ compatibility: 'no', preset: null, base_url: null });
  });
});

describe('GET /runbooks/{slug}', () => {
  it.each(runbooks.map(({ slug }) => [slug]))('%s is the same as JSON, as text and as Markdown', async (slug) => {
    const runbook = await runbookOf(slug);
    const text = await textOf(`/runbooks/${slug}?tenant=acme&format=text`);
    const markdown = await textOf(`/runbooks/${slug}?tenant=acme&format=markdown`);
    expect(text).toEqual({ type: 'text/plain; charset=utf-8', text: runbook.text });
    expect(markdown).toEqual({ type: 'text/markdown; charset=utf-8', text: runbook.markdown });
    expect(JSON.stringify(runbook)).not.toMatch(/\{\{(origin|api_key|model|embed_model)\}\}|<tenant-host>/);
  });

  it("is filled in with the tenant's own host and its default alias", async () => {
    const runbook = await runbookOf('cline', 'other');
    expect(runbook.base_url).toBe(`${otherOrigin}/api/tenant/v1`);
    expect(runbook.configuration.fields.map(({ value }) => value)).toEqual(
      expect.arrayContaining([`${otherOrigin}/api/tenant/v1`, 'gtak_...', 'assistant']),
    );
    expect(runbook.prerequisites[0]).toContain('`assistant`, `other-only`');
    expect(runbook.filled_with.names.map(({ name }) => name)).toEqual(['assistant', 'raw-chat', 'other-only']);
  });

  it('is filled in with the name that is asked for', async () => {
    expect((await runbookOf('cline', 'other', '&model=other-only')).configuration.fields.map(({ value }) => value)).toContain(
      'other-only',
    );
  });

  it('says nothing of another tenant', async () => {
    expect(JSON.stringify(await runbookOf('cline'))).not.toMatch(/other-only|api\.other\.example/);
    const token = await tokenOf(platform.app, 'acme', 'viewer');
    for (const path of ['/runbooks?tenant=other', '/runbooks/cline?tenant=other'])
      expect((await platform.app.admin('GET', path, undefined, token)).status).toBe(404);
  });

  it('is found under the names that products had', async () => {
    expect((await runbookOf('cline-roo')).id).toBe('cline');
    expect((await runbookOf('openai-sdk-curl')).id).toBe('curl');
  });

  it('refuses a product without a runbook, an unknown form and an operator who names no tenant', async () => {
    const refused = async (path: string) => {
      const { status, body } = await platform.app.admin('GET', path);
      return [status, body.error.code, body.error.param];
    };
    expect(await refused('/runbooks/absent?tenant=acme')).toEqual([404, 'not_found', null]);
    expect(await refused('/runbooks/cline?tenant=acme&format=html')).toEqual([400, 'invalid_value', 'format']);
    expect(await refused('/runbooks/cline')).toEqual([400, 'missing_required_parameter', 'tenant']);
  });
});

function gt(...args: string[]): Promise<CliRun> {
  const { adminUrl, operatorToken } = platform.app;
  return runCli([...args, '--tenant', 'acme'], { GT_ADMIN_URL: adminUrl, GT_ADMIN_TOKEN: operatorToken });
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test reads of a reply is judged by the test
async function json(...args: string[]): Promise<any> {
  const { code, out, err } = await gt(...args, '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as unknown;
}

async function seen(secret: string) {
  const reply = await fetch(`${platform.app.baseUrl}/key`, { headers: { authorization: `Bearer ${secret}` } });
  expect(reply.status).toBe(200);
  return (await reply.json()) as {
    readonly routes: readonly string[];
    readonly models: readonly string[];
    readonly preset: string;
  };
}

async function namesOfKeys(): Promise<string[]> {
  const { body } = await platform.app.admin('GET', '/keys?tenant=acme&limit=100');
  return body.data.map(({ name }: { readonly name: string }) => name);
}

describe('gt runbook', () => {
  it('lists and shows', async () => {
    expect((await gt('runbook', 'list')).out).toMatch(/^cursor +Cursor +Developer tooling/m);
    expect((await gt('runbook', 'show', 'cursor')).out).toBe((await runbookOf('cursor')).text);
    expect((await gt('runbook', 'show', 'cursor', '--format', 'markdown')).out).toBe((await runbookOf('cursor')).markdown);
    expect(await gt('runbook', 'show', 'absent')).toMatchObject({ code: 1, err: expect.stringContaining('no such runbook') });
  });

  it.each(clients.map((row) => [row.slug, row] as const))('makes the narrowest key for %s', async (slug, row) => {
    const { key, configuration } = await json('runbook', 'key', slug, '--name', `key of ${slug}`);
    const { routes, models, preset } = await seen(key.secret);
    expect(preset).toBe(row.preset);
    const wanted = row.routes.map(({ route }) => route).filter((route) => presetReaches(preset, route));
    expect(routes).toEqual(expect.arrayContaining(wanted));
    expect(models).toEqual(['assistant']);
    expect(JSON.stringify(configuration)).toContain(key.secret);
    expect(JSON.stringify(configuration)).not.toContain('gtak_...');
  });

  it('prints a configuration that works as it stands', async () => {
    const { out, err } = await gt('runbook', 'key', 'aider', '--name', 'pair');
    const [, base = ''] = /export OPENAI_API_BASE=(\S+)/.exec(out) ?? [];
    const [, secret = ''] = /export OPENAI_API_KEY=(\S+)/.exec(out) ?? [];
    const [, model = ''] = /--model openai\/(\S+)/.exec(out) ?? [];
    expect(err).toContain('shown this once');
    const reply = await fetch(`${base}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'ping' }] }),
    });
    expect(reply.status).toBe(200);
  });

  it('takes another preset that the runbook names, and no other', async () => {
    const { key } = await json('runbook', 'key', 'curl', '--name', 'uploads', '--preset', 'dataset-upload', '--datasets', 'docs');
    expect(key).toMatchObject({ preset: 'dataset-upload', datasets: ['docs'], agents: [], raw_models: [] });
    expect(await gt('runbook', 'key', 'cursor', '--name', 'no', '--preset', 'platform-automation')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--preset is one of openai-chat-client'),
    });
    expect(await namesOfKeys()).not.toContain('no');
  });

  it('fills in the alias that the key is given', async () => {
    await platform.factory.alias(platform.acme, 'second');
    const { configuration } = await json('runbook', 'key', 'cline', '--name', 'of second', '--agents', 'second');
    expect(JSON.stringify(configuration)).toContain('"second"');
  });

  it('makes the keys that a conversation key links, and takes them back when it is refused', async () => {
    expect(builtInPreset('conversation-app')?.links).not.toBeNull();
    const { key } = await json('runbook', 'key', 'lovable', '--name', 'app');
    expect(key.effective_scopes).toEqual(expect.arrayContaining(['inference:chat', 'conversations:files', 'datasets:write']));
    await json('key', 'create', '--name', 'taken', '--preset', 'openai-chat-client');
    const refused = await gt('runbook', 'key', 'lovable', '--name', 'taken');
    expect([refused.code, refused.out]).toEqual([1, '']);
    const names = await namesOfKeys();
    expect(names).toEqual(expect.arrayContaining(['app', 'app-inference', 'app-upload', 'taken']));
    expect(names.filter((name) => name.startsWith('taken-'))).toEqual([]);
  });

  it('makes no key for a product that is no client, and says what can be done instead', async () => {
    expect(await gt('runbook', 'key', 'claude-code', '--name', 'none')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('gateway'),
    });
  });
});
