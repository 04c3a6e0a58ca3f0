import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConsoleBrowser, describeWithChromium, type ConsolePerson } from '../support/chromium.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { confirmTotp, invited, password, totpCode } from '../support/sign-in.js';

let platform: TestPlatform;
let browser: ConsoleBrowser;

describeWithChromium('signing in at the console', () => {
  beforeAll(async () => {
    platform = await startPlatform();
    browser = await ConsoleBrowser.open(platform.app.url);
  });
  afterAll(async () => {
    await browser.close();
    await platform.close();
  });

  const heading = (person: ConsolePerson) => person.page.getByRole('heading', { level: 1 }).textContent();

  it('leads back to where somebody wanted to be', async () => {
    const { email } = await invited(platform.app, 'acme', 'owner');
    const person = await browser.person();
    await person.open('/keys?q=1');
    expect(await heading(person)).toBe('Sign in');
    await person.page.getByLabel('Tenant').fill('acme');
    await person.page.getByLabel('E-mail').fill(email);
    await person.page.getByLabel('Password').fill('not the password');
    await person.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    expect(await person.page.getByRole('alert').textContent()).toMatch(
      /No member of this tenant has this e-mail address.*Request id req_/,
    );
    await person.page.getByLabel('Password').fill(password);
    await person.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await person.page.waitForURL(/\/console\/keys\?q=1$/);
    expect(await person.barriers()).toEqual([]);
    expect(person.faults).toEqual([]);
    await person.close();
  });

  it('asks for the code of a second factor when there is one', async () => {
    const { browser: client, email } = await invited(platform.app, 'acme', 'owner');
    const setUp = await client.call('POST', '/session/totp', { password });
    const secret = setUp.body.secret as string;
    await confirmTotp(client, secret);
    const person = await browser.person({ width: 390, theme: 'dark' });
    await person.open('/sign-in?tenant=acme');
    await person.page.getByLabel('E-mail').fill(email);
    await person.page.getByLabel('Password').fill(password);
    await person.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await person.page.getByLabel('Code').fill(totpCode(secret));
    expect(await person.barriers()).toEqual([]);
    await person.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await person.page.waitForURL((url) => !url.pathname.endsWith('/sign-in'));
    expect(person.faults).toEqual([]);
    await person.close();
  });

  it('begins with an invitation, whose token stays in no address', async () => {
    const member = await platform.app.admin('POST', '/members', { tenant: 'acme', email: 'new@example.com', role: 'viewer' });
    const link = await platform.app.admin('POST', `/members/${member.body.id}/invite?tenant=acme`);
    const person = await browser.person();
    await person.page.goto(link.body.url as string);
    await person.page.getByRole('heading', { name: /^Welcome to / }).waitFor();
    expect(new URL(person.page.url()).hash).toBe('');
    expect(await person.barriers()).toEqual([]);
    await person.page.getByLabel('Password').fill(password);
    await person.page.getByRole('button', { name: 'Set the password and sign in' }).click();
    await person.page.waitForURL(/\/console\/?$/);
    expect(await person.page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).not.toMatch(/gtln_|gtss_/);
    expect(person.faults).toEqual([]);
    await person.close();
  });
});
