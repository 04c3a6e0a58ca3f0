import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { SignIns } from '../../src/modules/connections/login/sign-ins.js';
import { startApp, type TestApp } from '../support/app.js';
import { startLoginPlatform, type LoginPlatform } from '../support/login-fixture.js';
import { openai, post, user } from '../support/relay.js';
import { until } from '../support/until.js';

let platform: LoginPlatform;
/** Another process's worth of API on the same database. */
let other: TestApp;

beforeAll(async () => {
  platform = await startLoginPlatform();
  other = await startApp({ databaseUrl: platform.app.databaseUrl });
});
afterAll(async () => {
  await other.close();
  await platform.close();
});
beforeEach(() => {
  const { provider } = platform;
  Object.assign(provider.rules, { clientSecret: 'shh', clientAuth: 'post', lasts: 3600, refuse: undefined, held: undefined });
  provider.rules.says = {};
  provider.asked.length = 0;
  provider.calls.length = 0;
});

const tenant = '?tenant=acme';
const byClient = { grant: 'client_credentials' };

function chat(model: string, app: TestApp = platform.app): Promise<OpenAI.ChatCompletion> {
  return openai(app.baseUrl, platform.key).chat.completions.create({ model, messages: [user('hi')] });
}

async function refusalOf(model: string, app: TestApp = platform.app) {
  const reply = await post({
    url: `${app.baseUrl}/chat/completions`,
    secret: platform.key.secret,
    body: { model, messages: [user('hi')] },
  });
  return { status: reply.status, headers: reply.headers, error: ((await reply.json()) as { error?: { code: string } }).error };
}

/** The access token's end is past, and both processes know. */
async function atTheEnd(name: string, id: string): Promise<void> {
  await chat(name);
  await until('the other process has heard of it', () => chat(name, other));
  await platform.endToken(id);
  const before = await platform.shown(id);
  expect(before.auth.login.expires_at * 1000).toBeLessThan(Date.now());
}

describe('a connection that signs in by client credentials', () => {
  it('gets its token by itself, keeps it, and shows nothing of it', async () => {
    const id = await platform.connect('cc', {
      ...byClient,
      scopes: ['chat', 'embed'],
      audience: 'models',
      parameters: { x: 'y' },
    });
    expect((await platform.shown(id)).auth).toEqual({
      mode: 'oauth',
      grant: 'client_credentials',
      issuer: null,
      authorization_endpoint: null,
      token_endpoint: `${platform.provider.url}/token`,
      device_authorization_endpoint: null,
      client_id: 'gt-client',
      client_auth: 'post',
      scopes: ['chat', 'embed'],
      audience: 'models',
      parameters: { x: 'y' },
      redirect_uri: null,
      header: 'authorization',
      prefix: 'Bearer',
      secret_set: true,
      login: { state: 'in', obtained_at: null, expires_at: null, refresh_expires_at: null, failure: null },
    });
    for (let time = 0; time < 3; time += 1) expect((await chat('cc')).choices[0]?.message.content).toBe('hello');
    const [form] = platform.provider.asked;
    expect(Object.fromEntries(form ?? [])).toMatchObject({ scope: 'chat embed', audience: 'models', x: 'y' });
    expect(platform.provider.asked).toHaveLength(1);
    const shown = await platform.shown(id);
    expect(shown.auth.login).toMatchObject({ state: 'in', expires_at: expect.any(Number), failure: null });
    const audit = await platform.app.admin('GET', `/audit${tenant}&object_id=${id}`);
    const token = platform.provider.calls[0]?.headers.authorization?.slice('Bearer '.length) ?? '';
    expect(token.length).toBeGreaterThan(20);
    for (const text of [JSON.stringify(shown), JSON.stringify(audit.body)])
      expect([text.includes('shh'), text.includes(token)]).toEqual([false, false]);
  });

  it.each([
    ['the form', 'post'],
    ['the authorization header', 'basic'],
  ] as const)('shows its client secret in %s', async (_where, place) => {
    platform.provider.rules.clientAuth = place;
    await platform.connect(`cc-${place}`, { ...byClient, client_auth: place });
    expect((await chat(`cc-${place}`)).model).toBe(`cc-${place}`);
  });

  it('looks up where to ask at an issuer, once', async () => {
    const id = await platform.connect('cc-issuer', { ...byClient, token_endpoint: undefined, issuer: platform.provider.url });
    await chat('cc-issuer');
    await atTheEnd('cc-issuer', id);
    await until('the ended token is known', async () => (await chat('cc-issuer')) && platform.provider.asked.length === 2);
    expect((await platform.shown(id)).auth.login.state).toBe('in');
  });

  it('serves embeddings and tests of the connection', async () => {
    const id = await platform.connect('cc-more', byClient);
    const vectors = await openai(platform.app.baseUrl, platform.key).embeddings.create({
      model: 'cc-more',
      input: 'hi',
      encoding_format: 'float',
    });
    expect(vectors.data[0]?.embedding).toEqual([0.5, 0.25]);
    const tried = await platform.app.admin('POST', `/connections/${id}/test${tenant}`, {});
    expect(tried.body).toMatchObject({ ok: true, status: 200, error: null, notices: [] });
    const models = await platform.app.admin('GET', `/connections/${id}/models${tenant}`);
    expect(models.body.data).toEqual([{ object: 'provider_model', id: 'big' }]);
  });
});

describe('tokens at their end', () => {
  it('are renewed once for two processes and fifty calls', async () => {
    const id = await platform.connect('end', byClient);
    await atTheEnd('end', id);
    platform.provider.revokeAccess();
    const calls = Array.from({ length: 50 }, (_each, at) => chat('end', at % 2 === 0 ? platform.app : other));
    expect(new Set((await Promise.all(calls)).map(({ model }) => model))).toEqual(new Set(['end']));
    expect(platform.provider.asked).toHaveLength(2);
  });

  it('are renewed ahead of time beside the calls, which do not wait', async () => {
    await platform.connect('ahead', byClient);
    await chat('ahead');
    const first = platform.provider.calls.at(-1)?.headers.authorization;
    let release = (): void => undefined;
    platform.provider.rules.held = new Promise((resolve) => (release = resolve));
    await nearTheEnd('ahead');
    await until('a renewal is under way', async () => (await chat('ahead')) && platform.provider.asked.length === 2);
    for (let time = 0; time < 5; time += 1) await chat('ahead');
    expect(platform.provider.calls.at(-1)?.headers.authorization).toBe(first);
    release();
    await until('the new token is used', async () => {
      await chat('ahead');
      return platform.provider.calls.at(-1)?.headers.authorization !== first;
    });
    expect(platform.provider.asked).toHaveLength(2);
  });

  it('that a provider refuses before are renewed once, and the call made again', async () => {
    await platform.connect('revoked', byClient);
    await chat('revoked');
    platform.provider.revokeAccess();
    expect((await chat('revoked')).model).toBe('revoked');
    expect(platform.provider.asked).toHaveLength(2);
    expect(platform.provider.calls.filter(({ path }) => path.startsWith('POST'))).toHaveLength(3);
  });

  it('that a provider refuses again and again lead to no storm of renewals', async () => {
    await platform.connect('storm', byClient);
    await chat('storm');
    for (let time = 0; time < 5; time += 1) {
      platform.provider.revokeAccess();
      await refusalOf('storm');
    }
    expect(platform.provider.asked.length).toBeLessThanOrEqual(3);
  });
});

describe('calls that wait for the same tokens', () => {
  it('share one renewal and one reading of what it stored', async () => {
    const id = await platform.connect('shared', byClient);
    await chat('shared');
    const { app } = platform.app.running;
    const [row] = await platform.query('select tenant_id from connection_logins where id = $1', [id]);
    const signIn = app.get(SignIns, { strict: false }).of({ tenantId: row?.['tenant_id'] as string, id });
    const refused = await signIn.get();
    platform.provider.revokeAccess();
    const given = await Promise.all(Array.from({ length: 50 }, () => signIn.insteadOf(refused)));
    // Each reading makes headers of its own.
    expect(new Set(given).size).toBe(1);
    expect(given[0]).not.toEqual(refused);
    expect(platform.provider.asked).toHaveLength(2);
  });
});

describe('how long a provider says that something lasts', () => {
  it.each([
    [1800, 1800],
    ['1800', 1800],
    [1800.7, 1800],
    [1e300, 315_360_000],
    // What counts for nothing leaves the end that the token itself names.
    ...[-1, 0, null, 'soon', '1e3', true, {}].map((said) => [said, 3600] as const),
  ])('%j counts as %d seconds of a token', async (said, seconds) => {
    platform.provider.rules.says = { expires_in: said };
    const id = await platform.connect(`lasts-${JSON.stringify(said).replace(/\W/g, '')}${typeof said}`, byClient);
    const done = await platform.app.admin('POST', `/connections/${id}/login`, { tenant: 'acme' });
    expect([done.status, done.body.status]).toEqual([200, 'complete']);
    const { obtained_at: from, expires_at: to } = (await platform.shown(id)).auth.login;
    expect(Math.abs(to - from - seconds)).toBeLessThanOrEqual(5);
  });

  it.each([
    [{ expires_in: null, interval: '7' }, 7],
    [{ expires_in: '60', interval: 0.5 }, 1],
    [{ expires_in: -1, interval: -1 }, 5],
    [{ expires_in: 'soon', interval: null }, 5],
    [{ expires_in: 1e300, interval: 1e300 }, 600],
  ])('%j of a code for another device counts where it can', async (said, interval) => {
    platform.provider.rules.says = said;
    const auth = { grant: 'device_code', device_authorization_endpoint: `${platform.provider.url}/device` };
    const id = await platform.connect(`code-${JSON.stringify(said).replace(/\W/g, '')}`, auth);
    const begun = await platform.app.admin('POST', `/connections/${id}/login`, { tenant: 'acme' });
    expect([begun.status, begun.body.interval, begun.body.expires_at]).toEqual([200, interval, expect.any(Number)]);
  });
});

describe('an OAuth server that gives no tokens', () => {
  it.each([
    [
      'does not know the client',
      { status: 401, body: { error: 'invalid_client', error_description: 'canary' } },
      'invalid_client',
    ],
    ['fails', { status: 500, body: { oops: 'canary' } }, 'status_500'],
    ['gives something else', { status: 200, body: { canary: true } }, 'invalid_answer'],
  ])('%s: calls are answered 503 oauth_unavailable, and the admin sees why', async (what, refuse, failure) => {
    platform.provider.rules.refuse = refuse;
    const name = `no-${what.split(' ')[0]}`;
    const id = await platform.connect(name, byClient);
    const refused = await refusalOf(name);
    expect([refused.status, refused.error?.code]).toEqual([503, 'oauth_unavailable']);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(JSON.stringify(refused.error)).not.toContain('canary');
    expect((await platform.shown(id)).auth.login).toMatchObject({ state: 'in', failure });
    const tried = await platform.app.admin('POST', `/connections/${id}/test${tenant}`, {});
    expect(tried.body).toMatchObject({ ok: false, status: null, error: { code: 'oauth_unavailable' } });
    expect(tried.body.notices.join()).toContain(failure);
    const asked = platform.provider.asked.length;
    await Promise.all([refusalOf(name), refusalOf(name), refusalOf(name, other)]);
    expect(platform.provider.asked).toHaveLength(asked);
  });

  it('is not followed elsewhere', async () => {
    platform.provider.rules.refuse = { status: 302, body: {} };
    const id = await platform.connect('redirected', byClient);
    expect((await refusalOf('redirected')).error?.code).toBe('oauth_unavailable');
    expect((await platform.shown(id)).auth.login.failure).toBe('redirected');
  });
});

describe('a login whose connection changes', () => {
  it('ends with another host of the provider, until somebody logs in again', async () => {
    const id = await platform.connect('moved', byClient);
    await chat('moved');
    const elsewhere = platform.provider.url.replace('127.0.0.1', '127.0.0.2');
    const moved = await platform.app.admin('PATCH', `/connections/${id}`, { tenant: 'acme', base_url: `${elsewhere}/v1` });
    expect([moved.status, moved.body.auth.login.state]).toEqual([200, 'out']);
    const refused = await until('the change is heard', async () => {
      const reply = await refusalOf('moved');
      return reply.error?.code === 'oauth_unavailable' ? reply : undefined;
    });
    expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([503, 'false']);
    await platform.app.admin('PATCH', `/connections/${id}`, { tenant: 'acme', base_url: `${platform.provider.url}/v1` });
    const again = await platform.app.admin('POST', `/connections/${id}/login`, { tenant: 'acme' });
    expect([again.status, again.body.status]).toEqual([200, 'complete']);
    await until('calls sign in again', () => chat('moved'));
  });

  it('shows its client secret at no other host than it was given for', async () => {
    const at = (path: string) => `${platform.provider.url}${path}`;
    const elsewhere = (path: string) => at(path).replace('127.0.0.1', '127.0.0.2');
    const byDevice = { grant: 'device_code', device_authorization_endpoint: at('/device') };
    const moves: [before: object, change: object][] = [
      [byClient, { token_endpoint: elsewhere('/token') }],
      [byClient, { token_endpoint: null, issuer: 'https://evil.example' }],
      [byClient, { grant: 'device_code', device_authorization_endpoint: elsewhere('/device') }],
      [byDevice, { device_authorization_endpoint: elsewhere('/device') }],
      [byDevice, { device_authorization_endpoint: null, issuer: 'https://evil.example' }],
      [{ ...byDevice, device_authorization_endpoint: null, issuer: at('') }, { issuer: elsewhere('') }],
    ];
    for (const [number, [before, change]] of moves.entries()) {
      const id = await platform.connect(`stolen-${number}`, before);
      const reply = await platform.app.admin('PATCH', `/connections/${id}`, {
        tenant: 'acme',
        auth: { mode: 'oauth', ...change },
      });
      expect([number, reply.status, reply.body.error?.code, reply.body.error?.param]).toEqual([
        number,
        400,
        'missing_required_parameter',
        'auth.client_secret',
      ]);
    }
  });

  it('keeps its client secret where all that get it are hosts that got it before', async () => {
    const at = (path: string) => `${platform.provider.url}${path}`;
    const id = await platform.connect('kept', { grant: 'device_code', device_authorization_endpoint: at('/device') });
    for (const change of [
      { issuer: at('') },
      { device_authorization_endpoint: null },
      { token_endpoint: null },
      { issuer: null, token_endpoint: at('/token'), grant: 'client_credentials' },
      { issuer: 'https://login.example.com' },
    ]) {
      const reply = await platform.app.admin('PATCH', `/connections/${id}`, {
        tenant: 'acme',
        auth: { mode: 'oauth', ...change },
      });
      expect([change, reply.status, reply.body.auth?.secret_set]).toEqual([change, 200, true]);
    }
  });

  it('ends with another host for codes where the client has no secret', async () => {
    const { url, rules, decide } = platform.provider;
    rules.clientSecret = null;
    const id = await platform.connect('public', {
      grant: 'device_code',
      client_secret: null,
      device_authorization_endpoint: `${url}/device`,
    });
    const begun = await platform.app.admin('POST', `/connections/${id}/login`, { tenant: 'acme' });
    decide(begun.body.user_code as string, true);
    const done = { tenant: 'acme', attempt: begun.body.attempt as string };
    expect((await platform.app.admin('POST', `/connections/${id}/login/complete`, done)).body.status).toBe('complete');
    const change = { mode: 'oauth', device_authorization_endpoint: `${url.replace('127.0.0.1', '127.0.0.2')}/device` };
    const moved = await platform.app.admin('PATCH', `/connections/${id}`, { tenant: 'acme', auth: change });
    expect([moved.status, moved.body.auth.login.state]).toEqual([200, 'out']);
  });

  it('ends when somebody logs out', async () => {
    const id = await platform.connect('left', byClient);
    await chat('left');
    const left = await platform.app.admin('POST', `/connections/${id}/logout${tenant}`);
    expect([left.status, left.body.status]).toEqual([200, 'complete']);
    expect((await platform.shown(id)).auth.login).toMatchObject({ state: 'out', expires_at: null });
    await until('calls hear of it', async () => (await refusalOf('left')).error?.code === 'oauth_unavailable');
  });
});

describe('addresses of a login', () => {
  const addresses = [
    'http://10.0.0.1/token',
    'http://169.254.169.254/token',
    'http://[::1]:9/token',
    'http://[::ffff:10.0.0.1]/token',
    'http://167772161/token',
    'http://0x0a000001/token',
    'https://user:pw@93.184.216.34/token',
    'https://93.184.216.34/token#x',
    'http://93.184.216.34/token',
  ];
  it.each(
    ['issuer', 'token_endpoint', 'authorization_endpoint', 'device_authorization_endpoint'].flatMap((name) =>
      addresses.map((address) => [name, address] as const),
    ),
  )('%s %s is refused', async (name, address) => {
    const auth = { mode: 'oauth', ...byClient, client_id: 'x', token_endpoint: 'https://93.184.216.34/token', [name]: address };
    const body = { tenant: 'acme', name: 'x', base_url: 'https://93.184.216.34', auth };
    const reply = await platform.app.admin('POST', '/connections', body);
    expect([reply.status, reply.body.error.code, reply.body.error.param]).toEqual([400, 'invalid_value', `auth.${name}`]);
  });
});

describe('a login in the file of gt apply', () => {
  const apply = (auth: object) =>
    platform.app.admin('POST', '/apply', {
      file: { tenants: [{ slug: 'filed', connections: [{ name: 'main', base_url: `${platform.provider.url}/v1`, auth }] }] },
    });
  const actionOf = (reply: {
    readonly body: { readonly results: readonly { readonly kind: string; readonly action: string }[] };
  }) => reply.body.results.find(({ kind }) => kind === 'connection')?.action;

  it('is made, kept, changed and exported without its secret', async () => {
    const { client_secret: _secret, ...open } = { ...platform.provider.auth, ...byClient };
    const actions = [];
    for (const auth of [
      { ...open, client_secret: 'shh' },
      open,
      { ...open, client_secret: 'shh' },
      { ...open, scopes: ['chat'] },
    ])
      actions.push(actionOf(await apply(auth)));
    expect(actions).toEqual(['created', 'unchanged', 'unchanged', 'updated']);
    const exported = await platform.app.admin('GET', '/export?tenant=filed');
    const { auth } = exported.body.tenants[0].connections[0];
    expect(auth).toEqual({
      mode: 'oauth',
      ...byClient,
      client_id: 'gt-client',
      token_endpoint: open.token_endpoint,
      scopes: ['chat'],
    });
    expect(actionOf(await apply(auth as object))).toBe('unchanged');
  });

  it('is refused at addresses that no connection may have', async () => {
    const reply = await apply({ ...platform.provider.auth, ...byClient, token_endpoint: 'http://10.0.0.1/token' });
    expect([reply.status, reply.body.error.code]).toEqual([400, 'invalid_value']);
    expect(reply.body.error.param).toContain('auth.token_endpoint');
  });
});

/** The access token is good for three minutes of its hour. */
async function nearTheEnd(name: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: platform.app.databaseUrl });
  await client.connect();
  try {
    await client.query(
      `update connection_logins l set number = l.number, obtained_at = now() - interval '57 minutes', expires_at = now() + interval '3 minutes'
         from connections c where c.id = l.id and c.name = $1`,
      [name],
    );
  } finally {
    await client.end();
  }
}
