import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiProcess } from '../support/api-process.js';
import { startLoginPlatform, type LoginPlatform } from '../support/login-fixture.js';
import { signInAt } from '../support/login-provider.js';
import { runFolder } from '../support/postgres.js';
import { post, user } from '../support/relay.js';
import { until } from '../support/until.js';

let platform: LoginPlatform;

beforeAll(async () => {
  platform = await startLoginPlatform();
});
afterAll(() => platform.close());

/** What a call through the process at this address is answered: null when the process died under it. */
async function answerOf(baseUrl: string, model: string): Promise<{ status: number; code: string | undefined } | null> {
  try {
    const body = { model, messages: [user('hi')] };
    const reply = await post({ url: `${baseUrl}/chat/completions`, secret: platform.key.secret, body });
    return { status: reply.status, code: ((await reply.json()) as { error?: { code: string } }).error?.code };
  } catch {
    return null;
  }
}

/** A process of its own that dies when its provider has given it new tokens. */
async function killedAtRenewal(model: string): Promise<void> {
  const doomed = await startApiProcess({
    databaseUrl: platform.app.databaseUrl,
    dataDir: mkdtempSync(join(runFolder(), 'doomed-')),
    settings: { GT_FAULT_POINT: 'login.before-store' },
  });
  expect(await answerOf(doomed.baseUrl, model)).toBeNull();
  await doomed.kill();
}

describe('a process that dies between the new tokens and their commit', () => {
  it('blocks no other for long', async () => {
    const id = await platform.connect('by-client', { grant: 'client_credentials' });
    await killedAtRenewal('by-client');
    expect(platform.provider.asked).toHaveLength(1);
    await until('another process has renewed', async () => (await answerOf(platform.app.baseUrl, 'by-client'))?.status === 200);
    expect((await platform.shown(id)).auth.login.state).toBe('in');
    expect(platform.provider.asked).toHaveLength(2);
  }, 120_000);

  it('takes a refresh token that is good once with it: the login is gone, and says so', async () => {
    const id = await platform.connect('by-code', {
      grant: 'authorization_code',
      authorization_endpoint: `${platform.provider.url}/authorize`,
    });
    const admin = (path: string, body: object) =>
      platform.app.admin('POST', `/connections/${id}${path}`, { tenant: 'acme', ...body });
    const { body } = await admin('/login', {});
    const callback = await signInAt(body.authorization_url as string);
    await admin('/login/complete', { attempt: body.attempt, callback_url: callback });
    await platform.endToken(id);
    await killedAtRenewal('by-code');
    // No other shows the old token while the killed one might still store what it got.
    expect(await answerOf(platform.app.baseUrl, 'by-code')).toEqual({ status: 503, code: 'oauth_unavailable' });
    expect(platform.provider.countOf('refresh_token')).toBe(1);
    await platform.query('update connection_logins set claimed_until = now() where id = $1', [id]);
    const state = await until('the login is known to be gone', async () => {
      expect(await answerOf(platform.app.baseUrl, 'by-code')).toEqual({ status: 503, code: 'oauth_unavailable' });
      const { login } = (await platform.shown(id)).auth;
      return login.state === 'in' ? undefined : (login.state as string);
    });
    expect([state, platform.provider.faults]).toEqual(['lost', ['a refresh token was shown twice']]);
  }, 120_000);
});
