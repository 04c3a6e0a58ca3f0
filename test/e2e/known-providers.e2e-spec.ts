import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { providerObject } from '../../src/contracts/known-providers.js';
import { providerIds, providerOf } from '../../src/contracts/providers.js';
import { startSandbox } from '../../src/sandbox/server.js';
import { tokenOf } from '../support/admin.js';
import { startApp, type TestApp } from '../support/app.js';
import { runCli, type CliRun } from '../support/cli.js';
import { sandboxToken, type Sandbox } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { openai } from '../support/relay.js';

let app: TestApp;
/** Stands for whichever provider a test names. */
let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', token: sandboxToken });
  app = await startApp({ settings: { GT_ALLOW_PRIVATE_UPSTREAMS: new URL(sandbox.url).host } });
  folder = mkdtempSync(join(runFolder(), 'known-providers-'));
});
afterAll(async () => {
  await app.close();
  await sandbox.close();
});

function gt(...args: string[]): Promise<CliRun> {
  return runCli(args, {
    GT_ADMIN_URL: app.adminUrl,
    GT_ADMIN_TOKEN: app.operatorToken,
    GT_DATA_DIR: folder,
    GROQ_API_KEY: sandboxToken,
  });
}

async function json<T>(...args: string[]): Promise<T> {
  const run = await gt(...args, '--json');
  expect({ code: run.code, err: run.err }).toEqual({ code: 0, err: '' });
  return JSON.parse(run.out) as T;
}

/** A tenant with a key for all that it publishes. */
async function tenant(slug: string): Promise<{ readonly secret: string }> {
  await app.admin('POST', '/tenants', { slug });
  const all = { preset: 'platform-automation', agents: ['*'], raw_models: ['*'] };
  const { body } = await app.admin('POST', '/keys', { tenant: slug, name: 'app', ...all });
  return body as { secret: string };
}

const groq = ['--provider', 'groq', '--token-env', 'GROQ_API_KEY'] as const;

describe('gt connection create --provider', () => {
  it('makes a connection that answers, with what is given before what the provider says', async () => {
    const client = openai(app.baseUrl, await tenant('typed'));
    const own = ['--tenant', 'typed'] as const;
    expect(await json('connection', 'create', ...own, ...groq, '--base-url', `${sandbox.url}/v1`)).toMatchObject({
      name: 'groq',
      base_url: `${sandbox.url}/v1`,
      wire: 'chat',
      auth: { mode: 'header_token', header: 'authorization', prefix: 'Bearer', secret_set: true, tokens: 1 },
      paths: providerOf('groq').paths,
    });
    expect(await json('connection', 'test', 'groq', ...own)).toMatchObject({ ok: true });
    await json('endpoint', 'create', ...own, '--name', 'fast', '--raw-model', '{connection: groq, model: sandbox-chat}');
    const chat = await client.chat.completions.create({ model: 'fast', messages: [{ role: 'user', content: 'Hello' }] });
    expect(chat.choices[0]?.message.content).toContain('Hello');
    expect((await client.responses.create({ model: 'fast', input: 'Hello' })).output_text).toContain('Hello');
  });

  it('says what else the provider needs, and nothing is sent', async () => {
    const run = await gt('connection', 'create', '--tenant', 'nobody', '--provider', 'azure', '--token-env', 'GROQ_API_KEY');
    expect(run).toEqual({
      code: 2,
      out: '',
      err: expect.stringContaining('--base-url must be given for Azure OpenAI, like https://NAME.openai.azure.com/openai/v1'),
    });
  });

  it('leaves it to the platform whether a local server may be called, and names the setting', async () => {
    await tenant('local');
    const run = await gt('connection', 'create', '--tenant', 'local', '--provider', 'ollama');
    expect([run.code, run.err]).toEqual([1, expect.stringContaining('GT_ALLOW_PRIVATE_UPSTREAMS')]);
  });
});

describe('POST /connections with a provider', () => {
  it('takes what is not given from the provider, and stores the settings without it', async () => {
    await tenant('posted');
    const auth = { mode: 'header_token', token: 'secret' };
    const given = { tenant: 'posted', provider: 'anthropic', base_url: sandbox.url, auth };
    const made = await app.admin('POST', '/connections', given);
    expect([made.status, made.body]).toMatchObject([
      201,
      {
        name: 'anthropic',
        base_url: sandbox.url,
        wire: 'anthropic',
        auth: { header: 'x-api-key', prefix: '' },
      },
    ]);
    expect(made.body).not.toHaveProperty('provider');
    const again = await app.admin('POST', '/connections', given);
    expect([again.status, again.body]).toMatchObject([409, { error: { code: 'conflict' } }]);
  });

  it('refuses what is missing with the name of the field', async () => {
    await tenant('missing');
    const post = async (body: object) => {
      const { body: reply } = await app.admin('POST', '/connections', { tenant: 'missing', ...body });
      const { code, param } = (reply as { error: { code: string; param: string } }).error;
      return [code, param];
    };
    expect(await post({})).toEqual(['missing_required_parameter', 'name']);
    expect(await post({ name: 'main' })).toEqual(['missing_required_parameter', 'base_url']);
    expect(await post({ provider: 'bedrock' })).toEqual(['invalid_value', 'base_url']);
    expect(await post({ provider: 'nobody' })).toEqual(['invalid_value', 'provider']);
    expect(await post({ provider: 'anthropic', base_url: sandbox.url })).toEqual(['missing_required_parameter', 'auth.token']);
  });

  it('is for new connections alone: a connection that is there is changed by its settings', async () => {
    await tenant('changed');
    const given = { tenant: 'changed', provider: 'groq', base_url: `${sandbox.url}/v1`, auth: { mode: 'none' } };
    const { id } = (await app.admin('POST', '/connections', given)).body as { id: string };
    const changed = await app.admin('PATCH', `/connections/${id}?tenant=changed`, { provider: 'openai' });
    expect([changed.status, changed.body]).toMatchObject([400, { error: { code: 'unsupported_parameter', param: 'provider' } }]);
  });
});

describe('the list of providers', () => {
  it('is the same for every role and shows what a connection would have', async () => {
    await app.admin('POST', '/tenants', { slug: 'looking' });
    const token = await tokenOf(app, 'looking', 'viewer');
    const reply = await fetch(`${app.adminUrl}/providers`, { headers: { authorization: `Bearer ${token}` } });
    const list = (await reply.json()) as { data: { id: string }[]; has_more: boolean };
    expect([list.data.map(({ id }) => id), list.has_more]).toEqual([providerIds, false]);
    expect(list).toEqual((await app.admin('GET', '/providers')).body);
    for (const entry of list.data) expect(providerObject.parse(entry)).toEqual(entry);
    expect(list.data).toContainEqual({
      object: 'provider',
      id: 'azure',
      title: 'Azure OpenAI',
      base_url: null,
      base_url_example: 'https://NAME.openai.azure.com/openai/v1',
      wire: 'azure',
      auth: { mode: 'header_token', header: 'api-key', prefix: '' },
      paths: {},
      remark: providerOf('azure').remark,
    });
  });

  it('is a table on the command line', async () => {
    const { code, out } = await gt('provider', 'list');
    expect([code, out]).toEqual([0, expect.stringMatching(/^ID +TITLE +ADDRESS +WIRE +TOKEN\n/)]);
    expect(out).toMatch(/^groq +Groq +https:\/\/api\.groq\.com\/openai\/v1 +chat +authorization$/m);
    expect(out).toMatch(/^azure +Azure OpenAI +https:\/\/NAME\.openai\.azure\.com\/openai\/v1 +azure +api-key$/m);
    expect(out).toMatch(/^ollama +Ollama +http:\/\/127\.0\.0\.1:11434\/v1 +chat +none$/m);
  });
});

describe('gt apply with a provider', () => {
  const file = (further = '') => `
tenants:
  - slug: filed
    connections:
      - { provider: groq, base_url: "${sandbox.url}/v1", auth: { mode: header_token, token_env: GROQ_API_KEY }${further} }
    endpoints:
      - { name: fast, raw_model: { connection: groq, model: sandbox-chat } }
`;

  async function apply(text: string): Promise<{ readonly changed: number; readonly results: readonly object[] }> {
    const path = join(folder, 'platform.yaml');
    writeFileSync(path, text);
    return json('apply', '-f', path);
  }

  it('changes nothing the second time, and its export says the settings', async () => {
    expect((await apply(file())).changed).toBe(3);
    expect((await apply(file())).changed).toBe(0);
    const exported = await gt('export', '--tenant', 'filed', '--json');
    expect(JSON.parse(exported.out)).toMatchObject({
      tenants: [
        { connections: [{ name: 'groq', base_url: `${sandbox.url}/v1`, wire: 'chat', paths: providerOf('groq').paths }] },
      ],
    });
    expect(exported.out).not.toContain('provider');
    expect((await apply(file(', wire: openai'))).results).toContainEqual(
      expect.objectContaining({ kind: 'connection', name: 'groq', action: 'updated' }),
    );
    expect((await apply(file())).changed).toBe(1);
  });

  it('keeps the stored token where the entry signs in by what the provider says', async () => {
    const silent = file().replace(/, auth: \{[^}]*\}/, '');
    expect(silent).not.toContain('auth');
    expect((await apply(silent)).changed).toBe(0);
    expect(await json('connection', 'test', 'groq', '--tenant', 'filed')).toMatchObject({ ok: true });
  });
});
