import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { main } from '../../src/cli/main.js';
import { tokenOf } from '../support/admin.js';
import { startApp, type TestApp } from '../support/app.js';
import { startLoginPlatform, type LoginPlatform } from '../support/login-fixture.js';
import { signInAt } from '../support/login-provider.js';
import { runFolder } from '../support/postgres.js';
import { openai, post, user } from '../support/relay.js';
import { until } from '../support/until.js';

let platform: LoginPlatform;
let other: TestApp;
let folder: string;
/** Another member of the tenant. */
let colleague: string;

beforeAll(async () => {
  platform = await startLoginPlatform();
  other = await startApp({ databaseUrl: platform.app.databaseUrl });
  colleague = await tokenOf(platform.app, 'acme', 'manager');
  folder = mkdtempSync(join(runFolder(), 'login-'));
  const { adminUrl, operatorToken, databaseUrl } = platform.app;
  const file = { version: 1, admin_url: adminUrl, admin_token: operatorToken, database_url: databaseUrl };
  writeFileSync(join(folder, 'up.json'), JSON.stringify(file));
});
afterAll(async () => {
  await other.close();
  await platform.close();
});
beforeEach(() => {
  const { provider } = platform;
  Object.assign(provider.rules, { lasts: 3600, refuse: undefined, refreshTokens: true, refreshLasts: undefined });
  Object.assign(provider.rules, { discovery: {}, discoveryAt: undefined });
  provider.asked.length = 0;
  provider.calls.length = 0;
  provider.faults.length = 0;
});

const tenant = '?tenant=acme';
const own = { tenant: 'acme' };
const loopback = { ...own, redirect_uri: 'http://127.0.0.1:1/callback' };
const byCode = () => ({ grant: 'authorization_code', authorization_endpoint: `${platform.provider.url}/authorize` });
const byDevice = () => ({ grant: 'device_code', device_authorization_endpoint: `${platform.provider.url}/device` });

/** `gt` in this process, which goes on while a person does something elsewhere. */
function gt(...args: string[]) {
  let out = '';
  let err = '';
  const io = {
    env: { GT_DATA_DIR: folder },
    isInteractive: false,
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  };
  const ended = main([...args, '--tenant', 'acme'], io).then((code) => ({ code, out, err }));
  const told = (pattern: RegExp) => until(`it tells ${pattern}`, () => pattern.exec(err)?.[1]);
  return { ended, told };
}

const ask = (method: string, id: string, path: string, body?: object, token?: string) =>
  platform.app.admin(method, `/connections/${id}${path}`, body, token);

async function logIn(id: string): Promise<void> {
  const begun = await ask('POST', id, '/login', loopback);
  const callback = await signInAt(begun.body.authorization_url as string);
  const done = await ask('POST', id, '/login/complete', { ...own, attempt: begun.body.attempt, callback_url: callback });
  expect([done.status, done.body.status]).toEqual([200, 'complete']);
}

const chat = (model: string, app: TestApp = platform.app) =>
  openai(app.baseUrl, platform.key).chat.completions.create({ model, messages: [user('hi')] });

async function codeOf(model: string): Promise<string | undefined> {
  const body = { model, messages: [user('hi')] };
  const reply = await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: platform.key.secret, body });
  return ((await reply.json()) as { error?: { code: string } }).error?.code;
}

const stateOf = async (id: string) => (await platform.shown(id)).auth.login.state as string;

async function sql(text: string, values: unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: platform.app.databaseUrl });
  await client.connect();
  try {
    await client.query(text, values);
  } finally {
    await client.end();
  }
}

describe('a login with a browser', () => {
  it('goes from the command line to calls, and is renewed with each refresh token once', async () => {
    const id = await platform.connect('code', { ...byCode(), scopes: ['openid', 'offline_access'] });
    expect([await stateOf(id), await codeOf('code')]).toEqual(['out', 'oauth_unavailable']);
    const login = gt('connection', 'login', 'code');
    const address = await login.told(/^(http\S+)$/m);
    expect(Object.fromEntries(new URL(address).searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'gt-client',
      scope: 'openid offline_access',
      code_challenge_method: 'S256',
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
    });
    expect((await fetch(await signInAt(address))).status).toBe(200);
    expect(await login.ended).toMatchObject({ code: 0, out: 'Logged in: code.\n' });
    expect(await stateOf(id)).toBe('in');
    await until('calls sign in', () => chat('code'));
    for (let time = 1; time <= 3; time += 1) {
      platform.provider.revokeAccess();
      await platform.endToken(id);
      const calls = Array.from({ length: 50 }, (_each, at) => chat('code', at % 2 === 0 ? platform.app : other));
      await Promise.all(calls);
      expect(platform.provider.countOf('refresh_token')).toBe(time);
    }
    expect(platform.provider.faults).toEqual([]);
    const audit = await platform.app.admin('GET', `/audit${tenant}&object_id=${id}`);
    expect(audit.body.data.map(({ action }: { action: string }) => action)).toEqual(expect.arrayContaining(['login', 'create']));
  });

  it('is completed with the address that a person copies, once', async () => {
    const id = await platform.connect('paste', byCode());
    const begun = gt('connection', 'login', 'paste', '--no-listen');
    const address = await begun.told(/^(http\S+)$/m);
    const attempt = await begun.told(/--attempt (\S+)/);
    expect((await begun.ended).code).toBe(0);
    const callback = await signInAt(address);
    const done = await gt('connection', 'login', 'paste', '--attempt', attempt, '--callback', callback).ended;
    expect([done.code, await stateOf(id)]).toEqual([0, 'in']);
    const again = await gt('connection', 'login', 'paste', '--attempt', attempt, '--callback', callback).ended;
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('This login is over')]);
    expect((await gt('connection', 'logout', 'paste').ended).code).toBe(0);
    expect(await stateOf(id)).toBe('out');
  });

  it('asks an issuer for its addresses and keeps to them', async () => {
    const endpoints = { token_endpoint: undefined, issuer: platform.provider.url };
    const id = await platform.connect('issuer', { grant: 'authorization_code', ...endpoints, scopes: ['openid'] });
    await logIn(id);
    platform.provider.rules.discovery = { token_endpoint: 'http://127.0.0.1:1/token' };
    platform.provider.revokeAccess();
    await until('calls sign in', () => chat('issuer'));
    expect(await stateOf(id)).toBe('in');
  });

  it('belongs to who began it, to its connection and to its state', async () => {
    const id = await platform.connect('mine', byCode());
    const foreign = await platform.connect('theirs', byCode());
    const begun = await ask('POST', id, '/login', loopback);
    await ask('POST', foreign, '/login', loopback);
    const input = { attempt: begun.body.attempt as string, callback_url: await signInAt(begun.body.authorization_url as string) };
    const otherState = { ...input, callback_url: input.callback_url.replace(/state=[^&]+/, 'state=x') };
    const replies = [
      await ask('POST', id, '/login/complete', input, colleague),
      await ask('POST', foreign, '/login/complete', { ...own, ...input }),
      await ask('POST', id, '/login/complete', { ...own, ...otherState }),
      await ask('POST', id, '/login/complete', { ...own, attempt: input.attempt }),
      await ask('POST', id, '/login/complete', { ...own, ...input, callback_url: 'no address' }),
    ];
    expect(replies.map(({ status, body }) => [status, body.error.code])).toEqual([
      [409, 'conflict'],
      [409, 'conflict'],
      [400, 'invalid_value'],
      [400, 'invalid_value'],
      [400, 'invalid_value'],
    ]);
    expect((await ask('POST', id, '/login/complete', { ...own, ...input })).body.status).toBe('complete');
  });

  it('is void after its time, and when another one begins', async () => {
    const id = await platform.connect('late', byCode());
    for (const spoil of [
      () => sql(`update connection_logins set attempt_until = now() - interval '1 second' where id = $1`, [id]),
      () => ask('POST', id, '/login', loopback),
    ]) {
      const begun = await ask('POST', id, '/login', loopback);
      const callback = await signInAt(begun.body.authorization_url as string);
      await spoil();
      const reply = await ask('POST', id, '/login/complete', { ...own, attempt: begun.body.attempt, callback_url: callback });
      expect([reply.status, reply.body.error.code]).toEqual([409, 'conflict']);
    }
    expect(platform.provider.asked).toHaveLength(0);
  });

  it('tells what the person or the server refused, and none of its words', async () => {
    const id = await platform.connect('refused', byCode());
    const begun = await ask('POST', id, '/login', loopback);
    const callback_url = `http://127.0.0.1:1/callback?state=${begun.body.attempt}&error=access_denied&error_description=canary`;
    const denied = await ask('POST', id, '/login/complete', { ...own, attempt: begun.body.attempt, callback_url });
    expect([denied.status, denied.body.error.message]).toEqual([400, 'The login was refused (access_denied). Begin again.']);
    const second = await ask('POST', id, '/login', loopback);
    const wrong = `http://127.0.0.1:1/callback?state=${second.body.attempt}&code=wrong`;
    const reply = await ask('POST', id, '/login/complete', { ...own, attempt: second.body.attempt, callback_url: wrong });
    expect([reply.status, reply.body.error.message]).toEqual([400, 'The login was refused (invalid_grant). Begin again.']);
  });

  it.each([
    'https://evil.example/callback',
    'http://evil.example/callback',
    'http://127.0.0.1.evil.example/',
    'http://10.0.0.1/',
  ])('sends no code to %s', async (redirectUri) => {
    const id = await platform.connect(`to-${redirectUri.replace(/\W/g, '')}`, byCode());
    const reply = await ask('POST', id, '/login', { ...own, redirect_uri: redirectUri });
    expect([reply.status, reply.body.error.param]).toEqual([400, 'redirect_uri']);
  });
});

describe('a login with a code for another device', () => {
  it('waits until the person has typed it', async () => {
    const id = await platform.connect('device', byDevice());
    const login = gt('connection', 'login', 'device');
    const code = await login.told(/type the code (\S+)/);
    platform.provider.decide(code, true);
    expect(await login.ended).toMatchObject({ code: 0, out: 'Logged in: device.\n' });
    expect(await stateOf(id)).toBe('in');
    await until('calls sign in', () => chat('device'));
  });

  it('is pending before, and over when the person says no', async () => {
    const id = await platform.connect('no-device', byDevice());
    const begun = await ask('POST', id, '/login', own);
    const complete = () => ask('POST', id, '/login/complete', { ...own, attempt: begun.body.attempt });
    expect((await complete()).body).toMatchObject({ status: 'pending', interval: 1, attempt: begun.body.attempt });
    platform.provider.decide(begun.body.user_code as string, false);
    expect((await complete()).body.error.message).toBe('The login was refused (access_denied). Begin again.');
    expect((await complete()).status).toBe(409);
    expect(await stateOf(id)).toBe('out');
  });
});

describe('a provider that wants to be asked more slowly', () => {
  it('is from then on, five seconds with each time it says so', async () => {
    const id = await platform.connect('slow-device', byDevice());
    const begun = await ask('POST', id, '/login', own);
    const complete = async (refuse?: string) => {
      platform.provider.rules.refuse = refuse === undefined ? undefined : { status: 400, body: { error: refuse } };
      return (await ask('POST', id, '/login/complete', { ...own, attempt: begun.body.attempt })).body;
    };
    const answers = [];
    for (const refuse of [undefined, 'slow_down', undefined, 'slow_down', undefined]) answers.push(await complete(refuse));
    expect(answers.map(({ status, interval }) => [status, interval])).toEqual(
      [1, 6, 6, 11, 11].map((interval) => ['pending', interval]),
    );
    platform.provider.decide(begun.body.user_code as string, true);
    expect((await complete()).status).toBe('complete');
  });

  it('may give the tokens to a question that was asked meanwhile', async () => {
    const id = await platform.connect('hasty-device', byDevice());
    const begun = await ask('POST', id, '/login', own);
    platform.provider.decide(begun.body.user_code as string, true);
    let release = (): void => undefined;
    platform.provider.rules.held = new Promise((resolve) => (release = resolve));
    const complete = () => ask('POST', id, '/login/complete', { ...own, attempt: begun.body.attempt });
    const given = complete();
    await until('the tokens are on their way', () => platform.provider.asked.length === 1);
    Object.assign(platform.provider.rules, { held: undefined, refuse: { status: 400, body: { error: 'slow_down' } } });
    expect((await complete()).body).toMatchObject({ status: 'pending', interval: 6 });
    release();
    expect((await given).body.status).toBe('complete');
  });
});

describe('a login that its provider ends', () => {
  it('is lost: 503 for calls, a word for the admin, and a new login mends it', async () => {
    const id = await platform.connect('lost', byCode());
    await logIn(id);
    await until('calls sign in', () => chat('lost'));
    platform.provider.endSessions();
    platform.provider.revokeAccess();
    expect([await codeOf('lost'), await stateOf(id)]).toEqual(['oauth_unavailable', 'lost']);
    // Until this process has heard of the loss, its test shows the provider the token that it has.
    const tried = await until('the test names the login', async () => {
      const { body } = await ask('POST', id, `/test${tenant}`, {});
      expect(body.ok).toBe(false);
      return body.error.code === 'oauth_unavailable' ? body : undefined;
    });
    expect(tried.notices).toEqual([expect.stringContaining('invalid_grant')]);
    const asked = platform.provider.asked.length;
    expect(await codeOf('lost')).toBe('oauth_unavailable');
    expect(platform.provider.asked).toHaveLength(asked);
    await logIn(id);
    await until('calls sign in again', () => chat('lost'));
  });

  it('is told before it ends', async () => {
    platform.provider.rules.refreshLasts = 24 * 3600;
    const id = await platform.connect('soon', byCode());
    await logIn(id);
    const { body } = await ask('POST', id, `/test${tenant}`, {});
    expect(body.notices).toEqual([expect.stringMatching(/^The login ends at .+gt connection login/)]);
  });

  it('without a refresh token goes on to its end, and is lost then', async () => {
    platform.provider.rules.refreshTokens = false;
    const id = await platform.connect('short', byCode());
    await logIn(id);
    await until('calls sign in', () => chat('short'));
    await platform.endToken(id);
    await until('the end is heard', async () => (await codeOf('short')) === 'oauth_unavailable');
    expect(await stateOf(id)).toBe('lost');
  });
});

describe('addresses that are not in the settings', () => {
  it.each([
    ['auth.token_endpoint', 'token_endpoint', 'http://10.0.0.1/token'],
    ['auth.token_endpoint', 'token_endpoint', 'http://169.254.169.254/latest'],
    ['auth.token_endpoint', 'token_endpoint', 'http://[::ffff:10.0.0.1]/token'],
    ['auth.token_endpoint', 'token_endpoint', 'http://167772161/token'],
    ['auth.authorization_endpoint', 'authorization_endpoint', 'http://10.0.0.1/authorize'],
  ])('a private %s that an issuer names is refused', async (param, name, address) => {
    platform.provider.rules.discovery = { [name]: address };
    const id = await platform.connect(`named-${address}`.replace(/\W/g, '') + name, {
      grant: 'authorization_code',
      token_endpoint: undefined,
      issuer: platform.provider.url,
    });
    const reply = await ask('POST', id, '/login', loopback);
    expect([reply.status, reply.body.error.code, reply.body.error.param]).toEqual([400, 'invalid_value', param]);
  });

  it('a redirect of an issuer is not followed', async () => {
    platform.provider.rules.discoveryAt = `${platform.provider.url}/jwks`;
    const endpoints = { token_endpoint: undefined, issuer: platform.provider.url };
    const id = await platform.connect('redirecting', { grant: 'authorization_code', ...endpoints });
    const reply = await ask('POST', id, '/login', loopback);
    expect([reply.status, reply.body.error.message]).toEqual([502, 'The OAuth server refused the request (redirected).']);
    expect(platform.provider.calls).toHaveLength(0);
  });

  it.each(['token_endpoint', 'device_authorization_endpoint'])('a private %s is judged again when it is called', async (name) => {
    const id = await platform.connect(`again-${name}`, byDevice());
    await sql(`update connection_logins set settings = jsonb_set(settings, array[$2], '"http://10.0.0.1/x"') where id = $1`, [
      id,
      name,
    ]);
    const begun = await ask('POST', id, '/login', own);
    const last = begun.status === 200 ? await ask('POST', id, '/login/complete', { ...own, attempt: begun.body.attempt }) : begun;
    expect([last.status, last.body.error.message]).toEqual([
      502,
      'The OAuth server does not answer (unreachable). The host of auth (its issuer or an endpoint) has no address that this platform may call: an operator allows private ones in GT_ALLOW_PRIVATE_UPSTREAMS.',
    ]);
  });
});
