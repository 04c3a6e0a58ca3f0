import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { runCli } from '../support/cli.js';
import { runFolder } from '../support/postgres.js';
import { invited, password, totpCode } from '../support/sign-in.js';

let app: TestApp;
let config: string;
let email: string;

beforeAll(async () => {
  app = await startApp();
  await app.admin('POST', '/tenants', { slug: 'acme' });
  ({ email } = await invited(app, 'acme', 'owner'));
  config = mkdtempSync(join(runFolder(), 'config-'));
});
afterAll(() => app.close());

const file = () => join(config, 'gt', 'session.json');
const gt = (args: readonly string[], more: Record<string, string> = {}) =>
  runCli(args, { GT_ADMIN_URL: app.adminUrl, XDG_CONFIG_HOME: config, GT_DATA_DIR: config, PW: password, ...more });
const signIn = (...more: string[]) => gt(['sign-in', '--tenant', 'acme', '--email', email, '--password-env', 'PW', ...more]);

describe('gt sign-in', () => {
  it('keeps a session that the commands after it use, in a file of the user alone, until it is ended', async () => {
    const refused = await gt(['key', 'list']);
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('sign in with "gt sign-in"')]);
    const signed = await signIn();
    expect([signed.code, signed.out]).toEqual([0, expect.stringContaining(email)]);
    expect(signed.out + signed.err).not.toMatch(/gtss_|battery/);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({
      url: app.adminUrl,
      cookie: expect.stringMatching(/^gt_session=gtss_\w{43}$/),
    });
    expect(
      (await gt(['preset', 'create', '--slug', 'mine', '--name', 'Mine', '--purpose', 'inference', '--scopes', 'inference:chat']))
        .code,
    ).toBe(0);
    expect((await gt(['session', 'list'])).out).toContain(email);
    expect((await gt(['session', 'show', '--json'])).out).toContain('"kind": "member"');
    const ended = await gt(['session', 'end']);
    expect(ended.code).toBe(0);
    expect((await gt(['key', 'list'])).code).toBe(2);
  });

  it('goes to the address where somebody signed in and nowhere else, and a token comes before it', async () => {
    await signIn();
    const other = await gt(['key', 'list'], { GT_ADMIN_URL: 'http://127.0.0.1:9/api/admin/v1' });
    expect([other.code, other.err]).toEqual([2, expect.stringContaining('There is no token for http://127.0.0.1:9')]);
    expect((await gt(['tenant', 'list'])).err).toContain('This needs the role operator; you have the role owner.');
    expect((await gt(['tenant', 'list', '--token', app.operatorToken])).code).toBe(0);
  });

  it('goes on with the new session after a change of password and with a second factor', async () => {
    await signIn();
    const setup = await gt(['sign-in', 'totp', 'create', '--password-env', 'PW', '--json']);
    const { secret } = JSON.parse(setup.out) as { secret: string };
    const codes = await gt(['sign-in', 'totp', 'confirm', '--code', totpCode(secret)]);
    expect(codes.out.trim().split('\n')).toHaveLength(10);
    expect((await gt(['sign-in', 'show', '--json'])).out).toContain('"totp": true');
    const changed = await gt(['sign-in', 'change-password', '--current-password-env', 'PW', '--new-password-env', 'NEW'], {
      NEW: 'another long password',
    });
    expect(changed.code).toBe(0);
    expect((await gt(['key', 'list'])).code).toBe(0);
    const missing = await gt(['sign-in', '--tenant', 'acme', '--email', email, '--password-env', 'NEW'], {
      NEW: 'another long password',
    });
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('Give the code of your authenticator app too.')]);
    const [recovery = ''] = codes.out.trim().split('\n');
    const again = await gt(['sign-in', '--tenant', 'acme', '--email', email, '--password-env', 'NEW', '--code', recovery], {
      NEW: 'another long password',
    });
    expect(again.code).toBe(0);
  });

  it('asks for passwords at a terminal alone', async () => {
    const { code, err } = await gt(['sign-in', '--tenant', 'acme', '--email', email]);
    expect([code, err]).toEqual([2, expect.stringContaining('--password-env')]);
  });
});
