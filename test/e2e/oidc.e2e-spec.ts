import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type ApiReply, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { oidcClient, startOidcIssuer, type OidcIssuer } from '../support/oidc-issuer.js';
import { invited, password } from '../support/sign-in.js';
import { until } from '../support/until.js';

let app: TestApp;
let issuer: OidcIssuer;

beforeAll(async () => {
  app = await startApp();
  issuer = await startOidcIssuer([`${app.url}/console/sign-in`]);
  for (const slug of ['acme', 'other']) {
    await app.admin('POST', '/tenants', { slug });
    const set = await app.admin('POST', '/oidc', { tenant: slug, issuer: issuer.issuer, ...oidcClient });
    expect([set.status, set.body]).toEqual([200, expect.objectContaining({ issuer: issuer.issuer, has_client_secret: true })]);
  }
  await app.admin('POST', '/members', { tenant: 'acme', email: 'owner@example.com', role: 'owner' });
});
afterAll(async () => {
  await issuer.close();
  await app.close();
});

async function memberWithLink(role = 'manager', tenant = 'acme') {
  const email = `m${Math.random().toString(36).slice(2)}@example.com`;
  const { body: member } = await app.admin('POST', '/members', { tenant, email, role });
  const { body: link } = await app.admin('POST', `/members/${member.id}/invite?tenant=${tenant}`);
  return { id: member.id as string, email, link: link.url as string };
}

/** Goes to the issuer as `account` and comes back, in one browser. */
async function comeIn(account: string, more: object = {}, browser = new Browser(app.adminUrl)): Promise<ApiReply> {
  const begun = await browser.call('POST', '/sign-in/oidc', { tenant: 'acme', ...more });
  if (begun.status !== 200) return begun;
  const callback = await issuer.signIn(begun.body.authorization_url, account);
  return browser.call('POST', '/sign-in/oidc/complete', { callback_url: callback });
}

function expectRefused({ status, body }: ApiReply, expectedStatus: number, code: string): void {
  expect([status, body.error?.code]).toEqual([expectedStatus, code]);
}

describe("a tenant's own sign-in", () => {
  it('binds an account to the member of a link, and from then on lets it in without one', async () => {
    const { email, link } = await memberWithLink();
    expect((await new Browser(app.adminUrl).call('POST', '/sign-in/link', { link })).body.oidc).toBe(true);
    const browser = new Browser(app.adminUrl);
    const first = await comeIn('sub-1', { link }, browser);
    expect([first.status, first.body]).toEqual([201, expect.objectContaining({ method: 'oidc', name: email, role: 'manager' })]);
    expect((await browser.call('GET', '/keys')).status).toBe(200);
    expect((await browser.call('GET', '/session/sign-in')).body).toMatchObject({ password: false, oidc: true });
    const again = await comeIn('sub-1');
    expect([again.status, again.body.name]).toEqual([201, email]);
    expectRefused(await comeIn('sub-2', { link }), 404, 'not_found');
  });

  it('makes nobody a member, whatever address the issuer tells', async () => {
    expectRefused(await comeIn('stranger'), 401, 'invalid_credentials');
    const { body: members } = await app.admin('GET', '/members?tenant=acme&limit=100');
    expect(members.data.filter(({ email }: { email: string }) => email === 'owner@example.com')).toHaveLength(1);
  });

  it('knows an account in its own tenant alone', async () => {
    const { link } = await memberWithLink();
    expect((await comeIn('sub-3', { link })).status).toBe(201);
    expectRefused(await comeIn('sub-3', { tenant: 'other' }), 401, 'invalid_credentials');
    const other = await memberWithLink('viewer', 'other');
    expectRefused(await comeIn('sub-3', { link: other.link }), 404, 'not_found');
    expect((await comeIn('sub-3', { tenant: 'other', link: other.link })).body.tenant).toBe('other');
  });

  it('gives an account to one member', async () => {
    const [first, second] = [await memberWithLink(), await memberWithLink()];
    expect((await comeIn('sub-4', { link: first.link })).status).toBe(201);
    expectRefused(await comeIn('sub-4', { link: second.link }), 409, 'conflict');
    expect((await comeIn('sub-5', { link: second.link })).body.name).toBe(second.email);
  });

  it('lets in neither a disabled member nor one who was removed', async () => {
    const { id, link } = await memberWithLink();
    const browser = new Browser(app.adminUrl);
    expect((await comeIn('sub-6', { link }, browser)).status).toBe(201);
    await app.admin('PATCH', `/members/${id}?tenant=acme`, { state: 'disabled' });
    await until('the session has ended', async () => (await browser.call('GET', '/session')).status === 401);
    expectRefused(await comeIn('sub-6'), 401, 'invalid_credentials');
    await app.admin('PATCH', `/members/${id}?tenant=acme`, { state: 'active' });
    expect((await comeIn('sub-6')).status).toBe(201);
    await app.admin('DELETE', `/members/${id}?tenant=acme`);
    expectRefused(await comeIn('sub-6'), 401, 'invalid_credentials');
  });

  it('stands beside a password, which a recovery link can exchange for it', async () => {
    const { email, memberId } = await invited(app, 'acme', 'viewer');
    const { body: link } = await app.admin('POST', `/members/${memberId}/recover?tenant=acme`, {});
    expect((await comeIn('sub-7', { link: link.token })).body.name).toBe(email);
    expect((await new Browser(app.adminUrl).call('POST', '/sign-in', { tenant: 'acme', email, password })).status).toBe(201);
  });
});

describe('a way back', () => {
  const begin = async (browser: Browser): Promise<string> =>
    (await browser.call('POST', '/sign-in/oidc', { tenant: 'acme' })).body.authorization_url as string;
  const complete = (browser: Browser, callback: string) =>
    browser.call('POST', '/sign-in/oidc/complete', { callback_url: callback });

  it('counts in the browser that began it, once, and with its own state', async () => {
    const { link } = await memberWithLink();
    expect((await comeIn('sub-8', { link })).status).toBe(201);
    const [mine, theirs] = [new Browser(app.adminUrl), new Browser(app.adminUrl)];
    const callback = await issuer.signIn(await begin(mine), 'sub-8');
    await begin(theirs);
    const before = issuer.tokenCalls();
    expectRefused(await complete(theirs, callback), 401, 'invalid_credentials');
    expectRefused(await complete(new Browser(app.adminUrl), callback), 401, 'invalid_credentials');
    const forged = new URL(callback);
    forged.searchParams.set('state', 'x');
    expectRefused(await complete(mine, forged.href), 401, 'invalid_credentials');
    expect(issuer.tokenCalls()).toBe(before);
    const cookie = mine.cookie;
    expect((await complete(mine, callback)).status).toBe(201);
    mine.cookie = cookie;
    expectRefused(await complete(mine, callback), 401, 'invalid_credentials');
  });

  it('with a refusal of the issuer signs nobody in', async () => {
    const browser = new Browser(app.adminUrl);
    const url = new URL(await begin(browser));
    const refused = new URL(`${app.url}/console/sign-in`);
    refused.search = new URLSearchParams({
      error: 'access_denied',
      state: url.searchParams.get('state') ?? '',
      iss: issuer.issuer,
    }).toString();
    expectRefused(await complete(browser, refused.href), 401, 'invalid_credentials');
  });
});

describe('its settings', () => {
  it('are set once the issuer answers, by owners, and show no secret', async () => {
    const { browser } = await invited(app, 'other', 'owner');
    const { body } = await browser.call('GET', '/oidc');
    expect(body).toMatchObject({
      object: 'oidc',
      client_id: 'gt',
      redirect_uri: `${app.url}/console/sign-in`,
      has_client_secret: true,
    });
    const viewer = (await invited(app, 'other', 'viewer')).browser;
    expectRefused(await viewer.call('POST', '/oidc', { issuer: issuer.issuer, ...oidcClient }), 403, 'insufficient_role');
    const wrong = await browser.call('POST', '/oidc', { issuer: 'http://127.0.0.1:9', client_id: 'gt' });
    expectRefused(wrong, 502, 'upstream_unavailable');
    expectRefused(await browser.call('POST', '/oidc', { issuer: `${app.url}/`, client_id: 'gt' }), 502, 'upstream_error');
    expectRefused(await browser.call('POST', '/oidc', { issuer: 'http://10.0.0.1', client_id: 'gt' }), 400, 'invalid_value');
    const moved = await browser.call('POST', '/oidc', { issuer: issuer.issuer, client_id: 'another' });
    expectRefused(moved, 400, 'missing_required_parameter');
    expect(
      (await browser.call('POST', '/oidc', { issuer: issuer.issuer, client_id: 'gt', scopes: ['email'] })).body.has_client_secret,
    ).toBe(true);
    const { body: audit } = await browser.call('GET', '/audit?kind=oidc');
    expect(audit.data[0]).toMatchObject({ action: 'update', before: { scopes: [] }, changes: { scopes: ['email'] } });
    expect(JSON.stringify(audit)).not.toContain(oidcClient.client_secret);
  });

  it('are gone when they are deleted: nobody comes in by them, and passwords stay', async () => {
    await app.admin('POST', '/tenants', { slug: 'gone' });
    await app.admin('POST', '/oidc', { tenant: 'gone', issuer: issuer.issuer, ...oidcClient });
    expect((await app.admin('DELETE', '/oidc?tenant=gone')).body.deleted).toBe(true);
    expectRefused(await app.admin('GET', '/oidc?tenant=gone'), 404, 'not_found');
    expectRefused(await comeIn('sub-9', { tenant: 'gone' }), 404, 'not_found');
    expectRefused(await comeIn('sub-9', { tenant: 'absent' }), 404, 'not_found');
  });
});
