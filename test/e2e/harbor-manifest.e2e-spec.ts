import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { builtInPresets } from '../../src/catalog/presets.js';
import { routeIds, routeRow } from '../../src/catalog/routes.js';
import type { HarborManifest } from '../../src/contracts/harbor.js';
import { newCredential } from '../../src/kernel/credentials.js';
import { newId } from '../../src/kernel/ids.js';
import { startApp } from '../support/app.js';
import { runCli } from '../support/cli.js';
import { expectError } from '../support/envelope.js';
import { ask } from '../support/live.js';
import { bearer } from '../support/matrix.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { rawCall, requestBytes, type HeaderList, type RawReply } from '../support/raw-http.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let url: string;
let whole: SeededKey;

beforeAll(async () => {
  platform = await startPlatform();
  url = platform.app.url;
  whole = await platform.factory.key(platform.acme);
});
afterAll(() => platform.close());

const get = (path: string, headers: HeaderList, host = new URL(url).host): Promise<RawReply> =>
  rawCall(url, requestBytes('GET', `/api/tenant/v1${path}`, [['Host', host], ...headers]));

async function manifestOf({ secret }: { readonly secret: string }, host?: string): Promise<HarborManifest> {
  const reply = await get('/harbor/manifest', bearer(secret), host);
  expect(reply.status).toBe(200);
  return reply.json as unknown as HarborManifest;
}

const placesOf = ({ actions, leftOut }: HarborManifest): string[] =>
  [...actions, ...leftOut].map(({ method, path }) => `${method} ${path}`).sort();

/** The routes that the admin plane's `explain` allows the key. It is asked for one after the other: not how many it takes at once is judged. */
async function explained({ id }: SeededKey): Promise<string[]> {
  const allowed: string[] = [];
  for (const { method, path } of routeIds.map(routeRow)) {
    const reply = await fetch(`${platform.app.adminUrl}/keys/${id}/explain`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.app.operatorToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ tenant: 'acme', method, path }),
    });
    const answer = (await reply.json()) as { readonly allowed: boolean };
    expect([path, reply.status]).toEqual([path, 200]);
    if (answer.allowed) allowed.push(`${method} ${path}`);
  }
  return allowed.sort();
}

async function keyOfPreset(preset: string): Promise<SeededKey> {
  const { factory, acme } = platform;
  const links = builtInPresets.find(({ slug }) => slug === preset)?.links ?? null;
  if (links === null) return factory.key(acme, { preset });
  const inference = await factory.key(acme, { preset: links.inference });
  const upload = await factory.key(acme, { preset: links.upload });
  return factory.key(acme, { preset, inferenceKeyId: inference.id, uploadKeyId: upload.id });
}

/** `explain` is asked for every route: `npm run test:soak` has all presets, else one of each sort. */
const presets =
  process.env['GT_TEST_SOAK'] === '1'
    ? builtInPresets.map(({ slug }) => slug)
    : ['openai-chat-client', 'dataset-upload', 'conversation-app', 'platform-automation'];

describe('GET /harbor/manifest', () => {
  it.each(presets)('holds for a key of %s exactly what explain allows', async (preset) => {
    const key = await keyOfPreset(preset);
    const places = placesOf(await manifestOf(key));
    expect(places).toEqual(await explained(key));
    expect(places).toContain('GET /models');
  });

  it('has for every key the version of the whole set', async () => {
    const narrow = await platform.factory.key(platform.acme, { scopes: [] });
    const [all, few] = [await manifestOf(whole), await manifestOf(narrow)];
    expect(few.actions.length).toBeLessThan(all.actions.length);
    expect(few.version).toBe(all.version);
  });

  it('leaves out what the tenant has switched off, from one moment to the next', async () => {
    const { factory, acme } = platform;
    const switchOff = (routesOff: string[]) =>
      factory.run((tx) => tx.tenant.update({ where: { id: acme.id }, data: { routesOff } }));
    await switchOff(['batches', 'websocket']);
    const hasBatches = async (): Promise<boolean> => placesOf(await manifestOf(whole)).includes('GET /batches');
    await until('the batches are gone', async () => !(await hasBatches()));
    expect(placesOf(await manifestOf(whole))).toEqual(await explained(whole));
    expect(placesOf(await manifestOf(whole))).not.toContain('GET /responses');
    await switchOff([]);
    await until('the batches are back', hasBatches);
  });

  it('names the host that was asked', async () => {
    const { factory, acme } = platform;
    await factory.run((tx) =>
      tx.tenantHost.create({ data: { id: newId('tenant'), tenantId: acme.id, host: 'api.acme.example' } }),
    );
    for (const host of [new URL(url).host, 'api.acme.example', 'api.acme.example:8443'])
      expect((await manifestOf(whole, host)).port.baseUrl).toBe(`http://${host}/api/tenant/v1/`);
  });

  it('names GT_PUBLIC_URL where that is set, whatever host was asked', async () => {
    const app = await startApp({
      databaseUrl: platform.app.databaseUrl,
      settings: { GT_PUBLIC_URL: 'https://agents.example/' },
    });
    try {
      const reply = await ask(app, whole.secret, { path: '/harbor/manifest', host: 'api.acme.example' });
      expect(reply.json).toMatchObject({ port: { baseUrl: 'https://agents.example/api/tenant/v1/' } });
    } finally {
      await app.close();
    }
  });

  it('takes no query', async () => {
    expectError(await get('/harbor/manifest?key=1', bearer(whole.secret)), { status: 400, code: 'unsupported_parameter' });
  });
});

describe('an approval', () => {
  it.each(['apr_AbsentAbsentAbsentAbsent', 'resp_x', 'a.b', 'x'.repeat(129)])('of the id %s is absent', async (id) => {
    const absent = await get('/conversations/conv_AbsentAbsentAbsentAbsent', bearer(whole.secret));
    for (const path of [`/approvals/${id}`, `/approvals/${id}/result`]) {
      const reply = await get(path, bearer(whole.secret));
      expect([reply.status, reply.json]).toEqual([404, absent.json]);
    }
  });
});

describe('gt harbor', () => {
  let folder: string;
  let env: Readonly<Record<string, string>>;
  beforeAll(() => {
    folder = mkdtempSync(join(runFolder(), 'harbor-'));
    env = { GT_DATA_DIR: folder, GT_ADMIN_URL: platform.app.adminUrl, KEY: whole.secret, WRONG: newCredential('gtak_') };
  });

  it('prints the manifest of a key, validates it as a node does, and says what a narrower key lacks', async () => {
    const printed = await runCli(['harbor', 'manifest', '--key-env', 'KEY'], env);
    expect(printed).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(printed.out)).toEqual(await manifestOf(whole));
    const file = join(folder, 'manifest.json');
    writeFileSync(file, printed.out);

    for (const asked of [[file], []]) {
      const validated = await runCli(['harbor', 'validate', ...asked, '--key-env', 'KEY', '--json'], env);
      expect(validated.code).toBe(0);
      expect(JSON.parse(validated.out)).toMatchObject({ status: 200, url: `${url}/api/tenant/v1/models`, items: 2, error: null });
    }

    const elsewhere = join(folder, 'elsewhere.json');
    writeFileSync(elsewhere, printed.out.replace(url, 'http://127.0.0.1:9'));
    const there = ['harbor', 'validate', elsewhere, '--key-env', 'KEY', '--json', '--base-url'];
    expect((await runCli([...there.slice(0, -1)], env)).err).toContain('127.0.0.1:9');
    const reached = await runCli([...there, `${url}/api/tenant/v1/`], env);
    expect(JSON.parse(reached.out)).toMatchObject({ status: 200, url: `${url}/api/tenant/v1/models` });
    expect(await runCli([...there, 'nothing'], env)).toMatchObject({ code: 2, err: expect.stringContaining('no base URL') });

    const { secret } = await platform.factory.key(platform.acme, { preset: 'openai-chat-client' });
    const narrow = await runCli(['harbor', 'manifest', '--key-env', 'KEY'], { ...env, KEY: secret });
    writeFileSync(join(folder, 'narrow.json'), narrow.out);
    const same = await runCli(['harbor', 'diff', file, file], env);
    expect(same).toMatchObject({ code: 0, out: expect.stringContaining('Nothing changed.') });
    const diff = await runCli(['harbor', 'diff', join(folder, 'narrow.json'), file, '--json'], env);
    const changes = JSON.parse(diff.out) as { readonly actions: readonly { slug: string; change: string }[] };
    expect(changes).toMatchObject({ isMaterial: true, port: [] });
    expect(changes.actions).toContainEqual({ slug: 'create-batch', change: 'added', fields: [] });
    expect(changes.actions.filter(({ change }) => change !== 'added')).toEqual([]);
  });

  it('tells wording from what is material', async () => {
    const { out } = await runCli(['harbor', 'manifest'], env);
    expect(out).toContain(`${url}/api/tenant/v1/`);
    const [former, later] = [join(folder, 'former.json'), join(folder, 'later.json')];
    writeFileSync(former, out);
    writeFileSync(later, out.replaceAll('"label": "Get one model"', '"label": "Get a model"'));
    expect((await runCli(['harbor', 'diff', former, later], env)).out).toMatch(
      /Only wording changed\.\n\n.*\nget-model +changed +label\n$/s,
    );
    writeFileSync(later, out.replace('"path": "/models/{model}"', '"path": "/model/{model}"'));
    const material = (await runCli(['harbor', 'diff', former, later], env)).out;
    expect(material).toMatch(/^Both have the version \d+\. Something material changed\. The release is the same: /);
  });

  it('says what is wrong, and shows no key', async () => {
    const run = async (...args: string[]) => {
      const { code, out, err } = await runCli(['harbor', ...args], env);
      expect(out + err).not.toContain(env['WRONG']);
      return [code, out + err] as const;
    };
    const file = join(folder, 'manifest.json');
    writeFileSync(join(folder, 'other.json'), '{"object":"list"}');
    expect(await run('validate', file)).toEqual([2, expect.stringContaining('--key-env is missing')]);
    expect(await run('validate', file, '--key-env', 'NOT_SET')).toEqual([2, expect.stringContaining('NOT_SET is not set')]);
    expect(await run('validate', file, '--key-env', 'WRONG')).toEqual([1, expect.stringContaining('Incorrect API key')]);
    expect(await run('manifest', '--key-env', 'WRONG')).toEqual([1, expect.stringContaining('Incorrect API key')]);
    expect(await run('manifest', '--key-env', 'KEY', '--base-url', 'nothing')).toEqual([
      2,
      expect.stringContaining('no base URL'),
    ]);
    expect(await run('manifest', '--key-env', 'KEY', '--base-url', 'http://127.0.0.1:9/api/tenant/v1')).toEqual([
      1,
      expect.stringContaining('cannot be reached'),
    ]);
    expect(await run('diff', file, join(folder, 'other.json'))).toEqual([2, expect.stringContaining('is no manifest of Harbor')]);
    expect(await run('diff', file, join(folder, 'absent.json'))).toEqual([2, expect.stringContaining('There is no file')]);
    writeFileSync(join(folder, 'no-address.json'), readFileSync(file, 'utf8').replace(/"baseUrl": "[^"]*"/, '"baseUrl": "x"'));
    expect(await run('validate', join(folder, 'no-address.json'), '--key-env', 'KEY')).toEqual([
      2,
      expect.stringContaining('is no address'),
    ]);
  });
});
