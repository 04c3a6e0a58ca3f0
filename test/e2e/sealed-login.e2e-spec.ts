import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { KeyRing } from '../../src/platform/secrets/key-ring.js';
import { startLoginPlatform, type LoginPlatform } from '../support/login-fixture.js';
import { signInAt } from '../support/login-provider.js';
import { post, user } from '../support/relay.js';
import { until } from '../support/until.js';

/** A ring that the running product does not have. */
const formerRing = new KeyRing([`former:${Buffer.alloc(32, 9).toString('base64')}`]);

const refusal = {
  error: {
    message: 'This model cannot be called: its connection needs the attention of your administrator.',
    type: 'upstream_error',
    param: null,
    code: 'upstream_unavailable',
  },
};

let platform: LoginPlatform;

beforeAll(async () => {
  platform = await startLoginPlatform();
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.provider.asked.length = 0;
  platform.provider.calls.length = 0;
});

const byClient = { grant: 'client_credentials' };
const byCode = () => ({ grant: 'authorization_code', authorization_endpoint: `${platform.provider.url}/authorize` });

const admin = (method: string, id: string, path: string, body: object = {}) =>
  platform.app.admin(method, `/connections/${id}${path}?tenant=acme`, path === '/test' ? body : { tenant: 'acme', ...body });

async function answerOf(path: string, body: object): Promise<[number, unknown]> {
  const reply = await post({ url: `${platform.app.baseUrl}${path}`, secret: platform.key.secret, body });
  return [reply.status, await reply.json()];
}

const chat = (model: string) => answerOf('/chat/completions', { model, messages: [user('hi')] });
const statusOf = async (model: string) => (await chat(model))[0];

async function logIn(id: string): Promise<void> {
  const { body } = await admin('POST', id, '/login');
  const callback_url = await signInAt(body.authorization_url as string);
  const done = await admin('POST', id, '/login/complete', { attempt: body.attempt, callback_url });
  expect(done.body.status).toBe('complete');
}

/** What is stored in this column was sealed with a key that has left the ring; without tokens, calls need new ones. */
async function seal(id: string, column: 'tokens' | 'client_secret'): Promise<void> {
  const client = new pg.Client({ connectionString: platform.app.databaseUrl });
  await client.connect();
  try {
    const sealed = formerRing.seal('x', { tenantId: 'x', recordId: 'x' });
    const without = column === 'tokens' ? '' : ', tokens = null';
    await client.query(`update connection_logins set number = number + 1, ${column} = $1${without} where id = $2`, [sealed, id]);
  } finally {
    await client.end();
  }
}

describe('a login that cannot be opened', () => {
  it('is answered as any connection whose secret cannot be, until somebody logs in again', async () => {
    const id = await platform.connect('tokens', byCode());
    await logIn(id);
    await until('calls sign in', async () => (await statusOf('tokens')) === 200);
    await seal(id, 'tokens');
    await until('the change is heard', async () => (await statusOf('tokens')) !== 200);
    platform.provider.calls.length = 0;
    for (let time = 0; time < 2; time += 1) expect(await chat('tokens')).toEqual([502, refusal]);
    expect(await answerOf('/embeddings', { model: 'tokens', input: 'hi' })).toEqual([502, refusal]);
    expect([platform.provider.calls, platform.provider.countOf('refresh_token')]).toEqual([[], 0]);
    const { body } = await admin('POST', id, '/test');
    expect(body).toMatchObject({ ok: false, status: null, error: { code: 'upstream_unavailable' } });
    expect(body.error.message).toMatch(/cannot be opened with GT_SECRET_KEYS.*gt connection login/);
    await logIn(id);
    await until('calls sign in again', async () => (await statusOf('tokens')) === 200);
  });

  it('is answered so for its client secret too, until that is given again', async () => {
    const id = await platform.connect('secret', byClient);
    await until('calls sign in', async () => (await statusOf('secret')) === 200);
    await seal(id, 'client_secret');
    await until('the change is heard', async () => (await statusOf('secret')) !== 200);
    for (let time = 0; time < 2; time += 1) expect(await chat('secret')).toEqual([502, refusal]);
    const { body } = await admin('POST', id, '/test');
    expect(body).toMatchObject({ ok: false, status: null, error: { code: 'upstream_unavailable' } });
    expect(body.error.message).toMatch(/cannot be opened with GT_SECRET_KEYS.*auth\.client_secret/);
    expect(body.notices.join()).toMatch(/auth\.client_secret/);
    const given = await admin('PATCH', id, '', { auth: { mode: 'oauth', client_secret: 'shh' } });
    expect(given.status).toBe(200);
    await until('calls sign in again', async () => (await statusOf('secret')) === 200);
  });

  it('is no matter where the client gets new tokens by itself', async () => {
    const id = await platform.connect('by-itself', byClient);
    await until('calls sign in', async () => (await statusOf('by-itself')) === 200);
    expect(platform.provider.asked).toHaveLength(1);
    await seal(id, 'tokens');
    await until('there are new tokens', async () => {
      expect(await statusOf('by-itself')).toBe(200);
      return platform.provider.asked.length === 2;
    });
  });
});
