import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { startLoginPlatform, type LoginPlatform } from '../support/login-fixture.js';
import { signInAt } from '../support/login-provider.js';
import { post, user } from '../support/relay.js';
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
  Object.assign(platform.provider.rules, { refuse: undefined, held: undefined });
  platform.provider.asked.length = 0;
  platform.provider.faults.length = 0;
});

const byClient = { grant: 'client_credentials' };
const byCode = () => ({ grant: 'authorization_code', authorization_endpoint: `${platform.provider.url}/authorize` });

async function statusOf(model: string, app: TestApp = platform.app): Promise<number> {
  const body = { model, messages: [user('hi')] };
  const reply = await post({ url: `${app.baseUrl}/chat/completions`, secret: platform.key.secret, body });
  await reply.text();
  return reply.status;
}

const admin = (id: string, path: string, body: object = {}) =>
  platform.app.admin('POST', `/connections/${id}${path}`, { tenant: 'acme', ...body });

/** Begins a login and signs in; `complete` is what remains. */
async function signedIn(id: string) {
  const { body } = await admin(id, '/login');
  const callback_url = await signInAt(body.authorization_url as string);
  return { complete: () => admin(id, '/login/complete', { attempt: body.attempt, callback_url }) };
}

async function connectByCode(name: string): Promise<string> {
  const id = await platform.connect(name, byCode());
  expect((await (await signedIn(id)).complete()).body.status).toBe('complete');
  for (const app of [platform.app, other]) await until('calls sign in', async () => (await statusOf(name, app)) === 200);
  platform.provider.asked.length = 0;
  return id;
}

/** So much time has passed since a process claimed the renewal. */
const claimedAgo = (id: string, seconds: number) =>
  platform.query(`update connection_logins set claimed_until = claimed_until - make_interval(secs => $2) where id = $1`, [
    id,
    seconds,
  ]);

/** The provider answers what it is asked from now on only after this is called. */
function hold(): () => void {
  let release = (): void => undefined;
  platform.provider.rules.held = new Promise((resolve) => (release = resolve));
  return release;
}

const asked = (times: number) => until(`it is asked ${times} times`, () => platform.provider.asked.length === times);

describe('a process that renews a login', () => {
  it('is waited for as long as the provider and the storing may take', async () => {
    const id = await connectByCode('slow');
    await platform.connect('beside', byClient);
    await platform.endToken(id);
    platform.provider.revokeAccess();
    expect(await statusOf('beside', other)).toBe(200);
    platform.provider.asked.length = 0;
    const release = hold();
    const first = statusOf('slow');
    await asked(1);
    await claimedAgo(id, 75);
    const second = statusOf('slow', other);
    for (let time = 0; time < 5; time += 1) await statusOf('beside', other);
    release();
    expect(await Promise.all([first, second])).toEqual([200, 200]);
    expect([platform.provider.countOf('refresh_token'), platform.provider.faults]).toEqual([1, []]);
  });

  it('says nothing any more once another one renews in its place', async () => {
    const id = await platform.connect('late', byClient);
    platform.provider.rules.refuse = { status: 500, body: {} };
    const releaseFirst = hold();
    const first = statusOf('late');
    await asked(1);
    await claimedAgo(id, 600);
    platform.provider.rules.refuse = undefined;
    const releaseSecond = hold();
    const second = statusOf('late', other);
    await asked(2);
    releaseFirst();
    expect(await first).toBe(503);
    const rows = await platform.query(`select failure, claimed_by is null as free from connection_logins where id = $1`, [id]);
    expect(rows).toEqual([{ failure: null, free: false }]);
    releaseSecond();
    expect(await second).toBe(200);
    expect((await platform.shown(id)).auth.login).toMatchObject({ state: 'in', failure: null });
  });
});

describe('a login that is completed', () => {
  it('counts although its tokens were renewed meanwhile', async () => {
    const id = await connectByCode('meanwhile');
    const { complete } = await signedIn(id);
    const release = hold();
    const completed = complete();
    await asked(1);
    platform.provider.rules.held = undefined;
    await platform.endToken(id);
    platform.provider.revokeAccess();
    await until('there are new tokens', async () => (await statusOf('meanwhile')) === 200);
    expect(platform.provider.countOf('refresh_token')).toBe(1);
    release();
    const done = await completed;
    expect([done.status, done.body.status]).toEqual([200, 'complete']);
    expect((await platform.shown(id)).auth.login.state).toBe('in');
  });

  it.each<[string, (id: string) => Promise<{ readonly status: number }>]>([
    ['somebody logged out', (id) => admin(id, '/logout?tenant=acme')],
    [
      'the provider has moved',
      (id) => {
        const base_url = `${platform.provider.url.replace('127.0.0.1', '127.0.0.2')}/v1`;
        return platform.app.admin('PATCH', `/connections/${id}`, { tenant: 'acme', base_url });
      },
    ],
    [
      'another client signs in',
      (id) => {
        const auth = { mode: 'oauth', client_id: 'other' };
        return platform.app.admin('PATCH', `/connections/${id}`, { tenant: 'acme', auth });
      },
    ],
  ])('does not count where meanwhile %s', async (what, change) => {
    const id = await connectByCode(`not-${what.replaceAll(' ', '-')}`);
    const { complete } = await signedIn(id);
    const release = hold();
    const completed = complete();
    await asked(1);
    expect((await change(id)).status).toBe(200);
    release();
    const done = await completed;
    expect([done.status, done.body.error.code]).toEqual([409, 'conflict']);
    expect((await platform.shown(id)).auth.login.state).toBe('out');
  });
});
