import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createOperatorToken } from '../../src/modules/members/bootstrap.js';
import { startApp, type ApiReply, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { confirmTotp, invited, password, totpCode, type SignedIn } from '../support/sign-in.js';
import { runAsLogin } from '../support/postgres.js';
import { until } from '../support/until.js';

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
  await app.admin('POST', '/tenants', { slug: 'acme', hosts: ['acme.example'] });
  await app.admin('POST', '/tenants', { slug: 'other' });
});
afterAll(() => app.close());

const page = (): Browser => new Browser(app.adminUrl);

async function signIn(email: string, more: object = {}, browser = page()): Promise<ApiReply> {
  return browser.call('POST', '/sign-in', { tenant: 'acme', email, password, ...more });
}

async function untilStatus(status: number, ask: () => Promise<ApiReply>): Promise<void> {
  await until(`the answer is ${status}`, async () => (await ask()).status === status);
}

function expectRefused({ status, body }: ApiReply, expectedStatus: number, code: string): void {
  expect([status, body.error.code]).toEqual([expectedStatus, code]);
}

describe('an invitation', () => {
  it('lets a member in once, and says to whom it belongs without being used up', async () => {
    const { body: member } = await app.admin('POST', '/members', { tenant: 'acme', email: 'Ada@Example.com', role: 'manager' });
    const { status, body: link } = await app.admin('POST', `/members/${member.id}/invite?tenant=acme`);
    expect(status).toBe(201);
    expect(link).toMatchObject({ object: 'member_link', kind: 'invitation', tenant: 'acme', member: member.id });
    expect(new URL(link.url).hash).toBe(`#${link.token}`);
    const seconds = link.expires_at - Date.now() / 1000;
    expect(seconds).toBeGreaterThan(71.9 * 3600);
    expect(seconds).toBeLessThanOrEqual(72 * 3600);

    const browser = page();
    for (let times = 0; times < 2; times += 1)
      expect((await browser.call('POST', '/sign-in/link', { link: link.url })).body).toMatchObject({
        kind: 'invitation',
        tenant: 'acme',
        email: 'ada@example.com',
      });
    expectRefused(
      await browser.call('POST', '/sign-in/link/accept', { link: link.url, password: 'short' }),
      400,
      'invalid_value',
    );
    const accepted = await browser.call('POST', '/sign-in/link/accept', { link: link.url, password });
    expect(accepted.status).toBe(201);
    expect(accepted.body).toMatchObject({
      object: 'session',
      kind: 'member',
      tenant: 'acme',
      role: 'manager',
      name: 'ada@example.com',
      method: 'link',
      current: true,
    });
    expect(browser.lastSetCookie).toMatch(/^gt_session=gtss_\w{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/);
    expectRefused(await page().call('POST', '/sign-in/link/accept', { link: link.url, password }), 404, 'not_found');
    expectRefused(await page().call('POST', '/sign-in/link', { link: link.token }), 404, 'not_found');
    expect((await browser.call('GET', '/session')).body.id).toBe(accepted.body.id);
    expectRefused(await app.admin('POST', `/members/${member.id}/invite?tenant=acme`), 409, 'conflict');
  });

  it('ends where a newer one is made, and with its member', async () => {
    const { body: member } = await app.admin('POST', '/members', { tenant: 'acme', email: 'twice@example.com', role: 'viewer' });
    const invite = async (): Promise<string> =>
      (await app.admin('POST', `/members/${member.id}/invite?tenant=acme`)).body.token as string;
    const [first, second] = [await invite(), await invite()];
    expectRefused(await page().call('POST', '/sign-in/link', { link: first }), 404, 'not_found');
    expect((await page().call('POST', '/sign-in/link', { link: second })).status).toBe(200);
    await app.admin('PATCH', `/members/${member.id}?tenant=acme`, { state: 'disabled' });
    expectRefused(await page().call('POST', '/sign-in/link/accept', { link: second, password }), 404, 'not_found');
  });
});

describe('a password', () => {
  let ada: SignedIn;
  beforeAll(async () => {
    ada = await invited(app, 'acme', 'owner', 'pass@example.com');
  });

  it('signs in, by the slug of the tenant or on its host, and to no other tenant', async () => {
    const browser = page();
    const { status, body } = await signIn('PASS@example.com ', {}, browser);
    expect([status, body.method, body.member.email]).toEqual([201, 'password', 'pass@example.com']);
    expect((await browser.call('GET', '/connections')).status).toBe(200);
    expectRefused(await browser.call('GET', '/connections?tenant=other'), 404, 'not_found');
    expectRefused(await signIn('pass@example.com', { tenant: 'other' }), 401, 'invalid_credentials');
    expectRefused(
      await page().call('POST', '/sign-in', { email: 'pass@example.com', password }),
      400,
      'missing_required_parameter',
    );
  });

  it('that is wrong, of a member who is not there, and of a tenant that is not there are one answer', async () => {
    const answers = await Promise.all([
      signIn('pass@example.com', { password: 'wrong' }),
      signIn('nobody@example.com'),
      signIn('pass@example.com', { tenant: 'absent' }),
    ]);
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expectRefused(answers[0], 401, 'invalid_credentials');
  });

  it('cannot be guessed: after ten tries the account waits, whether it is there or not, also with the right one', async () => {
    const { email } = await invited(app, 'acme', 'viewer');
    for (const account of [email, 'absent@example.com']) {
      const tries = await Promise.all(Array.from({ length: 14 }, () => signIn(account, { password: 'wrong' })));
      expect(tries.filter(({ status }) => status === 401)).toHaveLength(10);
      const refused = tries.filter(({ status }) => status === 429);
      expect(refused).toHaveLength(4);
      expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(800);
      expectRefused(await signIn(account), 429, 'rate_limit_exceeded');
    }
  });

  it('that was changed ends all other sessions and the tokens, and the session goes on with a new secret', async () => {
    const { browser, email, memberId } = await invited(app, 'acme', 'manager');
    const elsewhere = page();
    await signIn(email, {}, elsewhere);
    const { body: token } = await app.admin('POST', '/admin-tokens', {
      tenant: 'acme',
      name: `of-${memberId}`,
      role: 'viewer',
      member: memberId,
    });
    expect((await app.admin('GET', '/keys', undefined, token.secret)).status).toBe(200);
    const before = browser.cookie;
    const change = { current_password: password, new_password: 'another long password' };
    expectRefused(
      await browser.call('POST', '/session/password', { ...change, current_password: 'x' }),
      401,
      'invalid_credentials',
    );
    expect((await browser.call('POST', '/session/password', change)).status).toBe(200);
    expect(browser.cookie).not.toBe(before);
    expect((await browser.call('GET', '/session')).status).toBe(200);
    const old = page();
    old.cookie = before;
    await untilStatus(401, () => elsewhere.call('GET', '/session'));
    await untilStatus(401, () => old.call('GET', '/session'));
    await untilStatus(401, () => app.admin('GET', '/keys', undefined, token.secret));
    expectRefused(await signIn(email), 401, 'invalid_credentials');
    expect((await signIn(email, { password: change.new_password })).status).toBe(201);
  });

  it('is set anew by a recovery link, which ends all that was', async () => {
    const { browser, email, memberId } = await invited(app, 'acme', 'viewer');
    const { body: link } = await ada.browser.call('POST', `/members/${memberId}/recover`, {});
    expect(link.kind).toBe('recovery');
    const again = page();
    const accepted = await again.call('POST', '/sign-in/link/accept', { link: link.token, password: 'yet another password' });
    expect([accepted.status, accepted.body.role]).toEqual([201, 'viewer']);
    await untilStatus(401, () => browser.call('GET', '/session'));
    expectRefused(await signIn(email), 401, 'invalid_credentials');
  });

  it('is in no answer, no audit and no export', async () => {
    const everything = await Promise.all(
      ['/members', '/audit?limit=100', '/sessions', '/export'].map((path) => ada.browser.call('GET', path)),
    );
    const text = JSON.stringify(everything.map(({ body }) => body));
    expect(text).toContain('pass@example.com');
    for (const secret of [password, 'gtss_', 'gtln_', '$argon2']) expect(text).not.toContain(secret);
  });
});

describe('a session', () => {
  it('is listed to its member, ended one by one or all at once, and shown to owners', async () => {
    const { browser, email, memberId } = await invited(app, 'acme', 'manager');
    const elsewhere = page();
    const { body: second } = await signIn(email, {}, elsewhere);
    const { body: own } = await browser.call('GET', '/sessions');
    expect(own.data.map((one: { current: boolean }) => one.current)).toEqual([false, true]);
    expect(own.data[0].id).toBe(second.id);
    const { browser: owner } = await invited(app, 'acme', 'owner');
    expect((await owner.call('GET', `/sessions?member=${memberId}`)).body.data).toHaveLength(2);
    expectRefused(await browser.call('GET', '/sessions?member=mem_other'), 404, 'not_found');
    const ownersId = (await owner.call('GET', '/session')).body.id as string;
    expectRefused(await browser.call('DELETE', `/sessions/${ownersId}`), 404, 'not_found');
    expect((await browser.call('DELETE', `/sessions/${second.id}`)).status).toBe(200);
    await untilStatus(401, () => elsewhere.call('GET', '/session'));
    const { body: audit } = await owner.call('GET', `/audit?kind=session&object_id=${second.id}`);
    expect(audit.data.map((one: { action: string }) => one.action)).toEqual(['delete', 'sign_in']);
    expect(audit.data[0].before).toMatchObject({ member: memberId, method: 'password', address: '127.0.0.1' });
    await signIn(email, {}, elsewhere);
    expect((await browser.call('POST', '/session/end-others')).body).toEqual({ object: 'sessions.ended', ended: 1 });
    expect((await owner.call('POST', `/members/${memberId}/sign-out`)).body.ended).toBe(1);
    await untilStatus(401, () => browser.call('GET', '/session'));
  });

  it('is signed out, and its cookie taken back', async () => {
    const { browser } = await invited(app, 'acme', 'viewer');
    const old = page();
    old.cookie = browser.cookie;
    expect((await browser.call('DELETE', '/session')).body.deleted).toBe(true);
    expect(browser.lastSetCookie).toMatch(/^gt_session=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/);
    await untilStatus(401, () => old.call('GET', '/session'));
  });

  it('of a member is one of the newest twenty', async () => {
    const { email, browser } = await invited(app, 'acme', 'viewer');
    for (let times = 0; times < 20; times += 1) await signIn(email);
    await untilStatus(401, () => browser.call('GET', '/session'));
    const last = page();
    await signIn(email, {}, last);
    expect((await last.call('GET', '/sessions?limit=100')).body.data).toHaveLength(20);
  });

  it('does what a token of its role does, and no more', async () => {
    const { browser } = await invited(app, 'acme', 'viewer');
    expect((await browser.call('GET', '/keys')).status).toBe(200);
    expectRefused(await browser.call('POST', '/keys', { name: 'x', preset: 'chat-client' }), 403, 'insufficient_role');
    expectRefused(await browser.call('GET', '/tenants'), 403, 'insufficient_role');
  });

  it('counts only in requests of a page of the platform', async () => {
    const { browser } = await invited(app, 'acme', 'owner');
    const ask = async (headers: Readonly<Record<string, string>>, method = 'POST'): Promise<ApiReply> =>
      browser.from(headers).call(method, method === 'GET' ? '/session' : '/session/end-others');
    const own = new URL(app.url).origin;
    const foreign: readonly Readonly<Record<string, string>>[] = [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', origin: own },
    ];
    for (const headers of foreign) expectRefused(await ask(headers), 403, 'cross_site_request');
    for (const headers of foreign.filter((one) => Object.keys(one).length > 0 && one['sec-fetch-site'] !== 'none'))
      expectRefused(await ask(headers, 'GET'), 403, 'cross_site_request');
    expect((await ask({ origin: own })).status).toBe(200);
    expect((await ask({ 'sec-fetch-site': 'none' }, 'GET')).status).toBe(200);
    expect((await ask({}, 'GET')).status).toBe(200);
  });

  it.each([
    ['a lower role', { role: 'viewer' }],
    ['a higher role', { role: 'owner' }],
    ['another address', { email: 'moved@example.com' }],
    ['being disabled', { state: 'disabled' }],
  ])('ends with %s', async (_what, change) => {
    const { browser, memberId } = await invited(app, 'acme', 'manager');
    expect((await app.admin('PATCH', `/members/${memberId}?tenant=acme`, change)).status).toBe(200);
    await untilStatus(401, () => browser.call('GET', '/session'));
  });

  it('ends with its member, and so do the tokens; a downgrade ends them too', async () => {
    const { browser, memberId } = await invited(app, 'acme', 'manager');
    const token = async (role: string): Promise<string> =>
      (await app.admin('POST', '/admin-tokens', { tenant: 'acme', name: `of-${memberId}-${role}`, role, member: memberId })).body
        .secret;
    const [manager, viewer] = [await token('manager'), await token('viewer')];
    await app.admin('PATCH', `/members/${memberId}?tenant=acme`, { role: 'viewer' });
    for (const secret of [manager, viewer]) await untilStatus(401, () => app.admin('GET', '/keys', undefined, secret));
    const later = await token('viewer');
    expect((await app.admin('DELETE', `/members/${memberId}?tenant=acme`)).status).toBe(200);
    await untilStatus(401, () => browser.call('GET', '/session'));
    await untilStatus(401, () => app.admin('GET', '/keys', undefined, later));
  });

  it('ends with the suspension of the tenant, whose tokens wait until it is active again', async () => {
    await app.admin('POST', '/tenants', { slug: 'late' });
    const { browser, email } = await invited(app, 'late', 'owner');
    const { body: token } = await app.admin('POST', '/admin-tokens', { tenant: 'late', name: 'x', role: 'owner' });
    await app.admin('PATCH', '/tenants/late', { state: 'suspended' });
    await untilStatus(401, () => browser.call('GET', '/session'));
    await untilStatus(403, () => app.admin('GET', '/keys', undefined, token.secret));
    expectRefused(await signIn(email, { tenant: 'late' }), 401, 'invalid_credentials');
    await app.admin('PATCH', '/tenants/late', { state: 'active' });
    await untilStatus(200, () => app.admin('GET', '/keys', undefined, token.secret));
    expect((await browser.call('GET', '/session')).status).toBe(401);
    expect((await signIn(email, { tenant: 'late' })).status).toBe(201);
  });

  it('is none for a token, which has neither password nor second factor', async () => {
    const { body } = await app.admin('POST', '/admin-tokens', { tenant: 'acme', name: 'plain', role: 'owner' });
    for (const [method, path, given] of [
      ['GET', '/session'],
      ['DELETE', '/session'],
      ['POST', '/session/end-others'],
      ['GET', '/session/sign-in'],
      ['POST', '/session/totp', { password }],
    ] as const)
      expectRefused(await app.admin(method, path, given, body.secret), 403, 'session_required');
  });
});

describe('a second factor', () => {
  async function withTotp(): Promise<SignedIn & { readonly secret: string; readonly codes: readonly string[] }> {
    const member = await invited(app, 'acme', 'manager');
    const { body: setup } = await member.browser.call('POST', '/session/totp', { password });
    expect(setup.url).toContain('otpauth://totp/');
    const { status, body } = await confirmTotp(member.browser, setup.secret);
    expect([status, body.codes.length]).toEqual([200, 10]);
    return { ...member, secret: setup.secret, codes: body.codes };
  }

  it('does not count before a code of it was confirmed', async () => {
    const { browser, email } = await invited(app, 'acme', 'viewer');
    expectRefused(await browser.call('POST', '/session/totp/confirm', { code: '123456' }), 409, 'conflict');
    expectRefused(await browser.call('POST', '/session/totp', { password: 'wrong' }), 401, 'invalid_credentials');
    const { body } = await browser.call('POST', '/session/totp', { password });
    expectRefused(
      await browser.call('POST', '/session/totp/confirm', { code: totpCode(body.secret, 40) }),
      401,
      'invalid_credentials',
    );
    expect((await signIn(email)).status).toBe(201);
  });

  it('is asked for beside the password, and none of its codes counts twice', async () => {
    const { browser, email, secret } = await withTotp();
    expect((await browser.call('GET', '/session')).body.second_factor).toBe(true);
    expectRefused(await signIn(email), 401, 'second_factor_required');
    expectRefused(await signIn(email, { code: totpCode(secret, -1) }), 401, 'invalid_credentials');
    const code = totpCode(secret);
    const many = await Promise.all(Array.from({ length: 4 }, () => signIn(email, { code })));
    expect(many.map(({ status }) => status).sort()).toEqual([201, 401, 401, 401]);
    const spaced = totpCode(secret, 1).replace(/^.{3}/, '$& ');
    expect((await signIn(email, { code: spaced })).body.second_factor).toBe(true);
  });

  it('cannot be guessed either', async () => {
    const { email, secret } = await withTotp();
    const tries = await Promise.all(Array.from({ length: 12 }, () => signIn(email, { code: totpCode(secret, 50) })));
    expect(tries.map(({ status }) => status).sort()).toEqual([...Array<number>(10).fill(401), 429, 429]);
  });

  it('cannot be guessed by whoever has the password and a session', async () => {
    const { browser } = await withTotp();
    const statuses: number[] = [];
    for (let times = 0; times < 12; times += 1) {
      statuses.push((await browser.call('POST', '/session/totp/remove', { password, code: '000000' })).status);
      statuses.push((await browser.call('POST', '/session/totp', { password })).status);
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(10);
  });

  it('gives recovery codes, each good once, and new ones end those before', async () => {
    const { browser, email, codes, secret } = await withTotp();
    const [first = '', second = ''] = codes;
    expect((await signIn(email, { code: first })).status).toBe(201);
    expectRefused(await signIn(email, { code: first }), 401, 'invalid_credentials');
    expect((await signIn(email, { code: second.toUpperCase() })).status).toBe(201);
    expect((await browser.call('GET', '/session/sign-in')).body).toMatchObject({
      password: true,
      totp: true,
      recovery_codes_left: 8,
    });
    const renewed = await browser.call('POST', '/session/recovery-codes', { password, code: totpCode(secret) });
    expect([renewed.status, renewed.body.codes.length]).toEqual([201, 10]);
    expectRefused(await signIn(email, { code: codes[3] }), 401, 'invalid_credentials');
    expect((await signIn(email, { code: renewed.body.codes[0] })).status).toBe(201);
  });

  it('is taken away with both factors, or by a recovery link that says so; one that does not needs its code', async () => {
    const { browser, email, secret } = await withTotp();
    expectRefused(await browser.call('POST', '/session/totp', { password }), 409, 'conflict');
    expectRefused(await browser.call('POST', '/session/totp/remove', { password, code: '000000' }), 401, 'invalid_credentials');
    expect((await browser.call('POST', '/session/totp/remove', { password, code: totpCode(secret) })).body.totp).toBe(false);
    expect((await signIn(email)).status).toBe(201);

    const lost = await withTotp();
    const recover = async (body: object): Promise<string> =>
      (await app.admin('POST', `/members/${lost.memberId}/recover?tenant=acme`, body)).body.token;
    const kept = await recover({});
    expectRefused(await page().call('POST', '/sign-in/link/accept', { link: kept, password }), 401, 'second_factor_required');
    expect(
      (await page().call('POST', '/sign-in/link/accept', { link: kept, password, code: totpCode(lost.secret) })).status,
    ).toBe(201);
    const reset = await recover({ second_factor: 'reset' });
    expect((await page().call('POST', '/sign-in/link/accept', { link: reset, password })).status).toBe(201);
    expect((await signIn(lost.email)).status).toBe(201);
  });
});

describe('whoever has an old password or an old session', () => {
  it('cannot undo a recovery that comes meanwhile, nor change the password twice with one', async () => {
    const { browser, email, memberId } = await invited(app, 'acme', 'viewer');
    const { body: link } = await app.admin('POST', `/members/${memberId}/recover?tenant=acme`, {});
    const mine = page();
    const stolen = { current_password: password, new_password: 'the password of a thief' };
    const [accepted, changed] = await Promise.all([
      mine.call('POST', '/sign-in/link/accept', { link: link.token, password: 'the password of the owner' }),
      browser.call('POST', '/session/password', stolen),
    ]);
    expect(accepted.status).toBe(201);
    // Whichever came first: the recovery ends what the thief has.
    expect([200, 401]).toContain(changed.status);
    await untilStatus(401, () => browser.call('GET', '/session'));
    expectRefused(await signIn(email, { password: stolen.new_password }), 401, 'invalid_credentials');
    expect((await signIn(email, { password: 'the password of the owner' })).status).toBe(201);

    const change = (to: string) =>
      mine
        .from({ 'sec-fetch-site': 'same-origin' })
        .call('POST', '/session/password', { current_password: 'the password of the owner', new_password: to });
    const both = await Promise.all([change('one more long password'), change('another long password')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it('has no session left by a sign-in at the moment of the change', async () => {
    const { browser, email } = await invited(app, 'acme', 'viewer');
    const pages = Array.from({ length: 6 }, page);
    const signing = Promise.all(pages.map((one) => signIn(email, {}, one)));
    const changed = await browser.call('POST', '/session/password', {
      current_password: password,
      new_password: 'a new one, and long',
    });
    expect(changed.status).toBe(200);
    await signing;
    for (const one of pages) await untilStatus(401, () => one.call('GET', '/session'));
  });

  it('has no link that was sent to another address or for other rights', async () => {
    const { body: member } = await app.admin('POST', '/members', { tenant: 'acme', email: 'typo@example.com', role: 'viewer' });
    const { body: link } = await app.admin('POST', `/members/${member.id}/invite?tenant=acme`);
    await app.admin('PATCH', `/members/${member.id}?tenant=acme`, { email: 'right@example.com', role: 'owner' });
    expectRefused(await page().call('POST', '/sign-in/link/accept', { link: link.url, password }), 404, 'not_found');
  });
});

describe('an operator', () => {
  it('exchanges a token for a session, acts in a tenant by its name, and is out with the token', async () => {
    const token = await createOperatorToken(app.databaseUrl, 'shift');
    const begin = async (): Promise<Browser> => {
      const browser = page().from({ authorization: `Bearer ${token}` });
      const begun = await browser.call('POST', '/session');
      expect([begun.status, begun.body.kind, begun.body.tenant, begun.body.role, begun.body.name]).toEqual([
        201,
        'operator',
        null,
        'operator',
        'shift',
      ]);
      return browser.from({ 'sec-fetch-site': 'same-origin' });
    };
    const [first, second] = [await begin(), await begin()];
    expectRefused(await first.call('GET', '/keys'), 400, 'missing_required_parameter');
    expect(
      (
        await first.call('POST', '/presets', {
          tenant: 'acme',
          slug: 'mine',
          name: 'Mine',
          purpose: 'inference',
          scopes: ['inference:chat'],
        })
      ).status,
    ).toBe(201);
    const { body: audit } = await app.admin('GET', '/audit?tenant=acme&kind=preset');
    expect(audit.data[0]).toMatchObject({ actor_role: 'operator', action: 'create' });
    expect(audit.data[0].actor).toMatch(/^shift \(/);
    const { body: own } = await app.admin('GET', `/operator-audit?object_id=${audit.data[0].object_id}`);
    expect(own.data).toMatchObject([
      { id: audit.data[0].id, actor: audit.data[0].actor, action: 'create', tenant_id: audit.data[0].tenant_id, changes: {} },
    ]);
    expectRefused(await first.call('POST', '/session/totp', { password }), 403, 'session_required');
    expectRefused(await first.call('POST', '/session'), 409, 'conflict');
    expect((await first.call('POST', '/session/end-others')).body.ended).toBe(1);
    await untilStatus(401, () => second.call('GET', '/tenants'));
    const { body: tokens } = await app.admin('GET', '/operator-tokens?name=shift');
    await app.admin('POST', `/operator-tokens/${tokens.data[0].id}/revoke`);
    await untilStatus(401, () => first.call('GET', '/tenants'));
  });

  it('is nobody who has a token of a tenant', async () => {
    const { body } = await app.admin('POST', '/admin-tokens', { tenant: 'acme', name: 'no-operator', role: 'owner' });
    expectRefused(await app.admin('POST', '/session', undefined, body.secret), 403, 'insufficient_role');
  });
});

describe('a host of a tenant', () => {
  it('names the tenant, and lets nobody of another one in', async () => {
    const { email } = await invited(app, 'acme', 'viewer');
    const onHost = page().from({ host: 'acme.example', 'sec-fetch-site': 'same-origin' });
    const { status, body } = await onHost.call('POST', '/sign-in', { email, password });
    expect([status, body.tenant]).toEqual([201, 'acme']);
    expect((await onHost.call('GET', '/session')).status).toBe(200);
    const other = await invited(app, 'other', 'viewer');
    expectRefused(
      await onHost.call('POST', '/sign-in', { tenant: 'other', email: other.email, password }),
      401,
      'invalid_credentials',
    );
    const carried = other.browser.from({ host: 'acme.example', 'sec-fetch-site': 'same-origin' });
    expectRefused(await carried.call('GET', '/session'), 401, 'invalid_api_key');
  });
});

describe('behind https', () => {
  it('the cookie is for this host alone, and another one does not count', async () => {
    const behind = await startApp({ databaseUrl: app.databaseUrl, settings: { GT_PUBLIC_URL: 'https://gt.example' } });
    try {
      const { email } = await invited(app, 'acme', 'viewer');
      const browser = new Browser(behind.adminUrl);
      expect((await browser.call('POST', '/sign-in', { tenant: 'acme', email, password })).status).toBe(201);
      expect(browser.lastSetCookie).toMatch(
        /^__Host-gt_session=gtss_\w{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      );
      expect((await browser.call('GET', '/session')).status).toBe(200);
      expect((await browser.from({ origin: 'https://gt.example' }).call('POST', '/session/end-others')).status).toBe(200);
      browser.cookie = browser.cookie?.replace('__Host-', '');
      expect((await browser.call('GET', '/session')).status).toBe(401);
    } finally {
      await behind.close();
    }
  });
});

describe('a session that nobody uses', () => {
  const age = (id: string, columns: string) => runAsLogin(app.databaseUrl, `update sessions set ${columns} where id = '${id}'`);

  it('ends after twelve hours, one that is used after seven days', async () => {
    const { browser } = await invited(app, 'acme', 'viewer');
    const { body: session } = await browser.call('GET', '/session');
    expect(session.idle_ends_at - session.last_seen_at).toBe(12 * 3600);
    expect(session.expires_at - session.created_at).toBe(7 * 86_400);
    await age(session.id, "last_seen_at = now() - interval '11 hours 59 minutes'");
    await until(
      'its use is noted',
      async () => (await browser.call('GET', '/session')).body.last_seen_at > Date.now() / 1000 - 60,
    );
    await age(session.id, "last_seen_at = now() - interval '12 hours 1 second'");
    await untilStatus(401, () => browser.call('GET', '/session'));
    await age(session.id, 'last_seen_at = now()');
    await untilStatus(200, () => browser.call('GET', '/session'));
    await age(session.id, 'expires_at = now()');
    await untilStatus(401, () => browser.call('GET', '/session'));
  });
});
