import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { passingColumns, sealedColumns } from '../../src/modules/sealing/sealed-columns.js';
import { startApp, testSettings, type ApiReply, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { oidcClient, startOidcIssuer, type OidcIssuer } from '../support/oidc-issuer.js';
import { sandboxToken, startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { confirmTotp, invited, password, totpCode } from '../support/sign-in.js';

/** Columns of bytes in which nothing is sealed. */
const unsealed = [
  'audit.hash',
  'operator_audit.hash',
  'audit_chains.hash',
  'background_responses.body',
  'passage_vectors.signs',
  'passage_vectors.vector',
  'passage_vectors.text_hash',
  'stored_completions.message_texts',
  'stored_completions.message_ends',
];

const oldKey = testSettings.GT_SECRET_KEYS;
const newKey = 'next:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=';

describe('the list of sealed columns', () => {
  it('has every column of bytes, but for those that are named here', () => {
    const schema = readFileSync(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8');
    const found = schema.split(/^model /m).flatMap((model) => {
      const table = /@@map\("(\w+)"\)/.exec(model)?.[1] ?? '';
      const columns = model.matchAll(/^ {2}(\w+) +Bytes\b\??(?:.*@map\("(\w+)"\))?/gm);
      return [...columns].map(([, name, mapped]) => `${table}.${mapped ?? name}`);
    });
    const listed = [...sealedColumns, ...passingColumns].map(({ table, column }) => `${table}.${column}`);
    expect([...listed, ...unsealed].sort()).toEqual(found.sort());
  });
});

describe('a rotation of the sealing keys', () => {
  let platform: TestPlatform;
  let issuer: OidcIssuer;
  /** A process that knows both keys, and one that knows only the new one. */
  let both: TestApp;
  let later: TestApp;
  let key: SeededKey;

  beforeAll(async () => {
    platform = await startPlatform();
    const { app, acme, factory } = platform;
    issuer = await startOidcIssuer([`${app.url}/console/sign-in`]);
    key = await factory.key(acme);
    const { databaseUrl } = app;
    both = await startApp({ databaseUrl, settings: { GT_SECRET_KEYS: `${newKey},${oldKey}` } });
    later = await startApp({ databaseUrl, settings: { GT_SECRET_KEYS: newKey } });
  }, 60_000);
  afterAll(async () => {
    await later.close();
    await both.close();
    await issuer.close();
    await platform.close();
  });

  const chat = async (app: TestApp): Promise<ApiReply> => {
    const response = await fetch(`${app.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'assistant', messages: [{ role: 'user', content: 'Hi' }] }),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const shown = async (): Promise<Record<string, { state: string; secrets: number; removable: boolean }>> => {
    const { body } = await both.admin('GET', '/sealing-keys');
    return Object.fromEntries(body.data.map((one: { id: string }) => [one.id, one]));
  };

  it('seals every secret anew while calls go on, and the old key can be taken away', async () => {
    const { app } = platform;
    const auth = { mode: 'header_token', token: sandboxToken, further_tokens: [sandboxToken] };
    const made = [
      await app.admin('POST', '/connections', {
        tenant: 'acme',
        name: 'more',
        base_url: 'http://127.0.0.1:9/v1',
        auth,
        headers: { 'x-a': 'b' },
      }),
      await app.admin('POST', '/webhooks', { tenant: 'acme', url: 'http://127.0.0.1:9/', events: ['file.ready'] }),
    ];
    expect(made.map(({ status }) => status)).toEqual([201, 201]);
    const rotated = await app.admin('POST', `/webhooks/${made[1]?.body.id}/rotate?tenant=acme`, { overlap_seconds: 3600 });
    expect(rotated.status).toBe(200);
    const oidc = await app.admin('POST', '/oidc', { tenant: 'acme', issuer: issuer.issuer, ...oidcClient });
    expect(oidc.status).toBe(200);
    const member = await invited(app, 'acme', 'owner');
    const { body: totp } = await member.browser.call('POST', '/session/totp', { password });
    expect((await confirmTotp(member.browser, totp.secret)).status).toBe(200);

    const before = await shown();
    expect(before).toMatchObject({ next: { state: 'sealing', secrets: 0 }, test: { state: 'opening', removable: false } });
    expect(before['test']?.secrets).toBeGreaterThanOrEqual(8);
    expect((await chat(later)).status).toBe(502);

    let isOver = false;
    const calls: number[] = [];
    const calling = (async () => {
      while (!isOver || calls.length < 20) calls.push((await chat(both)).status);
    })();
    const both2 = await Promise.all([both.admin('POST', '/sealing-keys/rotate'), both.admin('POST', '/sealing-keys/rotate')]);
    isOver = true;
    await calling;
    expect(new Set(calls)).toEqual(new Set([200]));
    expect(both2.map(({ body }) => body.unopened)).toEqual([[], []]);
    expect(both2[0].body.resealed + both2[1].body.resealed).toBeGreaterThanOrEqual(before['test']?.secrets ?? 0);
    expect((await both.admin('POST', '/sealing-keys/rotate')).body).toMatchObject({ resealed: 0, has_more: false });
    expect(await shown()).toMatchObject({ next: { secrets: before['test']?.secrets }, test: { secrets: 0 } });

    expect((await chat(later)).status).toBe(200);
    const code = totpCode(totp.secret, 1);
    const again = await new Browser(later.adminUrl).call('POST', '/sign-in', {
      tenant: 'acme',
      email: member.email,
      password,
      code,
    });
    expect([again.status, again.body.second_factor]).toEqual([201, true]);
    expect((await new Browser(later.adminUrl).call('POST', '/sign-in/oidc', { tenant: 'acme' })).status).toBe(200);
    const { body: audit } = await app.admin('GET', '/operator-audit?kind=sealing_key');
    expect(audit.data[0]).toMatchObject({ action: 'rotate', object_id: 'next' });
  });

  it('names what does not open, and leaves it as it is', async () => {
    const { app } = platform;
    const lost = await app.admin('POST', '/webhooks', { tenant: 'acme', url: 'http://127.0.0.1:9/', events: ['file.ready'] });
    const rotated = await later.admin('POST', '/sealing-keys/rotate');
    expect(rotated.body).toMatchObject({ resealed: 0, unopened: [{ what: 'secrets of webhooks', id: lost.body.id }] });
    expect((await later.admin('GET', '/sealing-keys')).body.data).toContainEqual(
      expect.objectContaining({ id: 'test', state: 'missing', secrets: 1, removable: false }),
    );
    expect((await both.admin('POST', '/sealing-keys/rotate')).body).toMatchObject({ resealed: 1, unopened: [] });
  });

  it('is for operators', async () => {
    const { browser } = await invited(platform.app, 'acme', 'owner');
    expect((await browser.call('GET', '/sealing-keys')).status).toBe(403);
  });
});
