import { TOTP } from 'otpauth';
import type { ApiReply, TestApp } from './app.js';
import { Browser } from './browser.js';
import { until } from './until.js';

export const password = 'correct horse battery staple';

export interface SignedIn {
  readonly browser: Browser;
  readonly memberId: string;
  readonly email: string;
}

/** A new member of this role, who comes in by an invitation and is signed in. */
export async function invited(
  app: TestApp,
  tenant: string,
  role: 'viewer' | 'manager' | 'owner',
  email = `${role}-${Math.random().toString(36).slice(2)}@example.com`,
): Promise<SignedIn> {
  const member = await app.admin('POST', '/members', { tenant, email, role });
  const memberId = member.body.id as string;
  const link = await app.admin('POST', `/members/${memberId}/invite?tenant=${tenant}`);
  const browser = new Browser(app.adminUrl);
  const accepted = await browser.call('POST', '/sign-in/link/accept', { link: link.body.url, password });
  if (accepted.status !== 201) throw new Error(`Not signed in: ${JSON.stringify([member.body, link.body, accepted.body])}`);
  return { browser, memberId, email };
}

/** What an authenticator app shows, `steps` steps of 30 seconds from now. */
export function totpCode(secret: string, steps = 0): string {
  return new TOTP({ secret }).generate({ timestamp: Date.now() + steps * 30_000 });
}

/**
 * Confirms a second factor with the code of the step before, so that the present one is still good for signing in. Where the step
 * changes on the way, the code is too old, and another one is shown.
 */
export async function confirmTotp(browser: Browser, secret: string): Promise<ApiReply> {
  return until('the second factor is confirmed', async () => {
    const reply = await browser.call('POST', '/session/totp/confirm', { code: totpCode(secret, -1) });
    return reply.status === 401 ? undefined : reply;
  });
}
