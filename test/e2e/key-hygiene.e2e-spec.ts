import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load-config.js';
import { createOperatorToken } from '../../src/modules/members/bootstrap.js';
import { newCredential } from '../../src/kernel/credentials.js';
import { EndingKeysService } from '../../src/modules/key-hygiene/ending-keys.service.js';
import { startWorker } from '../../src/worker/start-worker.js';
import { testSettings } from '../support/app.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { runAsLogin, runFolder } from '../support/postgres.js';
import { until } from '../support/until.js';

interface Told {
  readonly type: string;
  readonly data: { readonly object: Record<string, unknown> };
}

const reporter = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const told: Told[] = [];

let platform: TestPlatform;
let worker: Awaited<ReturnType<typeof startWorker>>;
let receiver: Server;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      told.push(JSON.parse(text) as Told);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  const spki = reporter.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  platform = await startPlatform({ settings: { GT_LEAK_REPORT_KEYS: `reporter-1:${spki}` } });
  const { databaseUrl } = platform.app;
  worker = await startWorker(
    loadConfig({ ...testSettings, DATABASE_URL: databaseUrl, GT_DATA_DIR: mkdtempSync(join(runFolder(), 'hygiene-')) }),
  );
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const hook = { tenant: 'acme', url, events: ['key.leaked', 'key.expiring', 'key.expired'] };
  expect((await platform.app.admin('POST', '/webhooks', hook)).status).toBe(201);
}, 60_000);
afterAll(async () => {
  await worker.close();
  await platform.close();
  receiver.closeAllConnections();
  await new Promise((done) => receiver.close(done));
});

const models = async (secret: string): Promise<number> =>
  (await fetch(`${platform.app.baseUrl}/models`, { headers: { authorization: `Bearer ${secret}` } })).status;

function signed(body: string, { key = reporter, id = 'reporter-1', headers = {} as Record<string, string> } = {}) {
  const signature = sign('sha256', Buffer.from(body), key.privateKey).toString('base64');
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'github-public-key-identifier': id,
      'github-public-key-signature': signature,
      ...headers,
    },
    body,
  };
}

async function report(init: {
  method: string;
  headers: Record<string, string>;
  body: string;
}): Promise<{ status: number; body: { label: string; token_type: string }[] }> {
  const response = await fetch(`${platform.app.url}/api/leak-reports`, init);
  return { status: response.status, body: (await response.json()) as { label: string; token_type: string }[] };
}

const find = (token: string, more: object = {}): object => ({
  token,
  type: 'gt_api_key',
  url: 'https://example.com/x.txt',
  source: 'content',
  ...more,
});

describe('a report of leaked secrets', () => {
  it('revokes the key, ends tokens, and tells the tenant where it was found', async () => {
    const { app, factory, acme } = platform;
    const key = await factory.key(acme);
    const token = (await app.admin('POST', '/admin-tokens', { tenant: 'acme', name: 'leaked', role: 'owner' })).body;
    const operator = await createOperatorToken(app.databaseUrl, 'leaked');
    expect(await models(key.secret)).toBe(200);
    const body = JSON.stringify([
      find(key.secret),
      find(token.secret, { type: 'gt_admin_token' }),
      find(operator),
      find(newCredential('gtak_')),
      find('AKIA0000'),
    ]);
    const answer = await report(signed(body, { headers: { date: new Date().toUTCString() } }));
    expect(answer.status).toBe(200);
    expect(answer.body.map(({ label }) => label)).toEqual([
      'true_positive',
      'true_positive',
      'true_positive',
      'false_positive',
      'false_positive',
    ]);
    expect(JSON.stringify(answer.body)).not.toContain(key.secret);
    await until('the key is refused', async () => (await models(key.secret)) === 401);
    await until('the token is refused', async () => (await app.admin('GET', '/keys', undefined, token.secret)).status === 401);
    await until('the operator is refused', async () => (await app.admin('GET', '/tenants', undefined, operator)).status === 401);
    const event = await until('the tenant is told', () => told.find(({ type }) => type === 'key.leaked'));
    expect(event.data.object).toMatchObject({
      object: 'key_event',
      id: key.id,
      state: 'revoked',
      leak: { last_four: key.secret.slice(-4), url: 'https://example.com/x.txt', source: 'content' },
    });
    const { body: audit } = await app.admin('GET', `/audit?tenant=acme&object_id=${key.id}`);
    expect(audit.data[0]).toMatchObject({ action: 'revoke', actor: 'leak report (reporter-1)' });
    expect((await report(signed(body))).status).toBe(401);
    expect(told.filter(({ type }) => type === 'key.leaked')).toHaveLength(1);
    // One that broke off midway was not remembered: it is taken again, and tells nothing twice.
    await runAsLogin(app.databaseUrl, 'delete from leak_reports');
    expect((await report(signed(body))).body.map(({ label }) => label).slice(0, 2)).toEqual(['true_positive', 'true_positive']);
    expect((await report(signed(body))).status).toBe(401);
  });

  it('counts only when a known reporter has signed these very bytes, and just now', async () => {
    const { factory, acme } = platform;
    const key = await factory.key(acme);
    const body = JSON.stringify([find(key.secret)]);
    const old = new Date(Date.now() - 6 * 60_000).toUTCString();
    const ahead = new Date(Date.now() + 6 * 60_000).toUTCString();
    const { headers } = signed(body);
    for (const init of [
      { method: 'POST', headers: { 'content-type': 'application/json' }, body },
      signed(body, { key: stranger }),
      signed(body, { id: 'reporter-2' }),
      { ...signed(body), body: `${body} ` },
      signed(body, { headers: { date: old } }),
      signed(body, { headers: { date: ahead } }),
      signed(body, { headers: { date: 'yesterday' } }),
      { method: 'POST', headers: { ...headers, 'github-public-key-signature': 'x' }, body },
    ])
      expect((await report(init)).status).toBe(401);
    expect(await models(key.secret)).toBe(200);
    expect((await report(signed('{"token":"x"}'))).status).toBe(400);
    expect((await report(signed('[]'))).status).toBe(200);
    expect((await report(signed(body))).status).toBe(200);
  });
});

describe('a key that ends', () => {
  const tell = () => worker.app.get(EndingKeysService).tellAll(new AbortController().signal);
  const ends = (key: SeededKey, interval: string) =>
    runAsLogin(platform.app.databaseUrl, `update keys set expires_at = now() + interval '${interval}' where id = '${key.id}'`);
  const of = (key: SeededKey, type?: string): Told[] =>
    told.filter(({ data, type: one }) => data.object['id'] === key.id && (type === undefined || one === type));

  it('is told of 14 days, three days and a day ahead, and at its end, each once', async () => {
    const { factory, acme } = platform;
    const [key, far, off] = [await factory.key(acme), await factory.key(acme), await factory.key(acme, { state: 'disabled' })];
    await ends(far, '15 days');
    await ends(off, '2 days');
    for (const [interval, days] of [
      ['13 days', 14],
      ['2 days', 3],
      ['5 hours', 1],
    ] as const) {
      await ends(key, interval);
      await Promise.all([tell(), tell()]);
      await until(`it is told ${days} days ahead`, () => of(key).some(({ data }) => data.object['days_left'] === days));
    }
    await ends(key, '-1 second');
    await tell();
    await until('its end is told', () => of(key, 'key.expired').length === 1);
    expect(of(key).map(({ type, data }) => [type, data.object['days_left'], data.object['state']])).toEqual([
      ['key.expiring', 14, 'active'],
      ['key.expiring', 3, 'active'],
      ['key.expiring', 1, 'active'],
      ['key.expired', null, 'expired'],
    ]);
    expect([...of(far), ...of(off)]).toEqual([]);
  });
});

describe('the report on keys', () => {
  it('names keys that nobody uses, that may more than they do, and that end', async () => {
    const { app, factory, acme } = platform;
    const [idle, wide, ending] = [
      await factory.key(acme),
      await factory.key(acme, { scopes: ['inference:chat', 'inference:embed'] }),
      await factory.key(acme, { expiresAt: new Date(Date.now() + 5 * 86_400_000) }),
    ];
    await runAsLogin(app.databaseUrl, `update keys set created_at = now() - interval '31 days' where id = '${idle.id}'`);
    const chat = await fetch(`${app.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${wide.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'assistant', messages: [{ role: 'user', content: 'Hi' }] }),
    });
    expect(chat.status).toBe(200);
    const reported = async (): Promise<Record<string, { findings: string[]; unused_scopes: string[] }>> => {
      const { body } = await app.admin('GET', '/key-report?tenant=acme&limit=100');
      return Object.fromEntries(body.data.map((one: { id: string }) => [one.id, one]));
    };
    await until('the call counts', async () => (await reported())[wide.id]?.findings.includes('over_granted'));
    const all = await reported();
    expect(all[idle.id]?.findings).toEqual(['unused']);
    expect(all[wide.id]).toMatchObject({ findings: ['over_granted'], unused_scopes: ['inference:embed'] });
    expect(all[ending.id]?.findings).toEqual(['expiring']);
    const { body: strict } = await app.admin('GET', '/key-report?tenant=acme&unused_days=40&expiring_days=1&limit=100');
    const strictly = Object.fromEntries(strict.data.map((one: { id: string; findings: string[] }) => [one.id, one.findings]));
    expect([strictly[idle.id], strictly[ending.id]]).toEqual([[], []]);
  });
});
