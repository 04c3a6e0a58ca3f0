import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { ConsoleBrowser, describeWithChromium, type ConsolePerson } from '../support/chromium.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { invited, password, totpCode } from '../support/sign-in.js';

let platform: TestPlatform;
let browser: ConsoleBrowser;

describeWithChromium('the people of a tenant at the console', () => {
  beforeAll(async () => {
    platform = await startPlatform();
    browser = await ConsoleBrowser.open(platform.app.url);
  });
  afterAll(async () => {
    await browser.close();
    await platform.close();
  });

  const button = (person: ConsolePerson, name: string) => person.page.getByRole('button', { name, exact: true });

  /** Somebody of this role of acme who is signed in. */
  const as = async (role: 'viewer' | 'owner') => {
    const member = await invited(platform.app, 'acme', role);
    const person = await browser.person();
    await person.useSession(member.browser.cookie ?? '');
    return { ...member, person };
  };

  const endWell = async (...people: ConsolePerson[]) => {
    for (const person of people) {
      expect(person.faults).toEqual([]);
      await person.close();
    }
  };

  it('invites a member, who sets up a second factor and comes in with it again', async () => {
    const { person: owner } = await as('owner');
    await owner.open('/members');
    await button(owner, 'Invite a member').click();
    await owner.page.getByLabel('E-mail').fill('Grace@Example.com');
    await button(owner, 'Create the link').click();
    const shown = owner.page.getByRole('dialog', { name: 'Invitation link' });
    const link = (await shown.getByText('/console/welcome#').textContent()) ?? '';
    expect(await owner.barriers()).toEqual([]);
    await button(owner, 'I have kept it').click();
    expect(await owner.page.content()).not.toContain(link);

    const grace = await browser.person({ width: 390, theme: 'dark' });
    await grace.page.goto(link);
    await grace.page.getByLabel('Password').fill(password);
    await button(grace, 'Set the password and sign in').click();
    await grace.page.waitForURL(/\/console\/?$/);
    await grace.open('/account');
    await button(grace, 'Set up a second factor').click();
    const dialog = grace.page.getByRole('dialog', { name: 'Set up a second factor' });
    await dialog.getByLabel('Password').fill(password);
    await button(grace, 'Go on').click();
    const secret = (await dialog.getByText(/^[A-Z2-7]{16,}$/).textContent()) ?? '';
    expect(await grace.barriers()).toEqual([]);
    await dialog.getByRole('textbox', { name: 'Code' }).fill(totpCode(secret, -1));
    await button(grace, 'Confirm').click();
    await grace.page.getByRole('dialog', { name: 'Recovery codes' }).waitFor();
    await button(grace, 'I have kept it').click();
    await grace.page.getByText('You sign in with your password and a code.').waitFor();
    expect(await grace.barriers()).toEqual([]);

    await button(grace, 'Open the menu').click();
    await button(grace, 'Your account').click();
    await grace.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await grace.page.waitForURL(/\/sign-in/);
    await grace.page.getByLabel('Tenant').fill('acme');
    await grace.page.getByLabel('E-mail').fill('grace@example.com');
    await grace.page.getByLabel('Password').fill(password);
    await button(grace, 'Sign in').click();
    await grace.page.getByLabel('Code').fill(totpCode(secret));
    await button(grace, 'Sign in').click();
    await grace.page.waitForURL((url) => !url.pathname.endsWith('/sign-in'));
    await endWell(owner, grace);
  });

  it('changes a role, which the audit shows field by field', async () => {
    const { person: owner } = await as('owner');
    const { email, memberId } = await invited(platform.app, 'acme', 'viewer');
    await owner.open('/members');
    await button(owner, `Actions for ${email}`).click();
    await owner.page.getByRole('menuitem', { name: 'Change name or role' }).click();
    await owner.page.getByRole('dialog').getByLabel('Role').selectOption('manager');
    await button(owner, 'Save').click();
    await owner.page.getByRole('row', { name: new RegExp(`${email}.*manager`) }).waitFor();
    await owner.open(`/audit?object_id=${memberId}&action=update`);
    await owner.page.getByRole('button', { name: 'member update' }).click();
    await owner.page.getByRole('row', { name: 'role viewer manager' }).waitFor();
    expect(await owner.barriers()).toEqual([]);
    await button(owner, 'Close').click();
    await button(owner, 'Verify the chain').click();
    await owner.page.getByText('Nothing was changed, removed or put in.').waitFor();
    expect(await owner.barriers()).toEqual([]);
    await endWell(owner);
  });

  it('shows a viewer the members and nothing that would be refused', async () => {
    const { person: viewer, email } = await as('viewer');
    await viewer.open('/members');
    await viewer.page.getByRole('row', { name: new RegExp(email) }).waitFor();
    expect(await button(viewer, 'Invite a member').count()).toBe(0);
    expect(await viewer.page.getByRole('button', { name: /^Actions for/ }).count()).toBe(0);
    expect(await viewer.page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
    await viewer.page.getByRole('tab', { name: 'Admin tokens' }).click();
    await viewer.page.getByText('There are no admin tokens.').waitFor();
    expect(await button(viewer, 'Create a token').count()).toBe(0);
    await endWell(viewer);
  });

  it('makes a webhook whose secret is shown once', async () => {
    const { person: owner } = await as('owner');
    await owner.open('/webhooks');
    await owner.page.getByRole('button', { name: 'Create a webhook' }).first().click();
    await owner.page.getByLabel('Address').fill('https://hooks.example.com/gt');
    await owner.page.getByLabel('key.expiring').check();
    await button(owner, 'Create').click();
    const secret = (await owner.page.getByRole('dialog', { name: 'The signing secret' }).locator('pre').textContent()) ?? '';
    expect(await owner.barriers()).toEqual([]);
    await button(owner, 'I have kept it').click();
    await owner.page.getByRole('link', { name: 'https://hooks.example.com/gt' }).click();
    await owner.page.getByText('Nothing was delivered yet.').waitFor();
    expect(await owner.barriers()).toEqual([]);
    expect(secret.length).toBeGreaterThan(20);
    expect(await owner.page.content()).not.toContain(secret);
    await endWell(owner);
  });

  it('changes a limit in the settings and leaves the rest as it was', async () => {
    const { person: owner } = await as('owner');
    const before = (await platform.app.admin('GET', '/tenants/acme')).body as Record<string, unknown>;
    await owner.open('/settings');
    await button(owner, 'Change').click();
    await owner.page.getByLabel('Uploads in a day').fill('7');
    expect(await owner.barriers()).toEqual([]);
    await button(owner, 'Save').click();
    await owner.page.getByText('The settings are changed.').waitFor();
    const after = (await platform.app.admin('GET', '/tenants/acme')).body as Record<string, unknown>;
    const none = { requests_per_minute: null, tokens_per_minute: null, parallel_requests: null, stored_bytes: null };
    expect(after).toEqual({ ...before, limits: { ...none, ...(before.limits as object), uploads_per_day: 7 } });
    expect(await owner.barriers()).toEqual([]);
    await endWell(owner);
  });

  it('leads an operator into a tenant, under a banner', async () => {
    const { adminUrl, operatorToken } = platform.app;
    const client = new Browser(adminUrl, { 'sec-fetch-site': 'same-origin', authorization: `Bearer ${operatorToken}` });
    await client.call('POST', '/session');
    const operator = await browser.person();
    await operator.useSession(client.cookie ?? '');
    await operator.open('/operator/platform');
    await operator.page.getByRole('columnheader', { name: 'Waiting' }).waitFor();
    expect(await operator.barriers()).toEqual([]);
    for (const [tab, shown] of [
      ['Sealing keys', 'Secrets'],
      ['Presets', 'Purpose'],
      ['Operator tokens', 'Last use'],
      ['Audit', 'Chain'],
    ] as const) {
      await operator.page.getByRole('tab', { name: tab }).click();
      await operator.page.getByRole('columnheader', { name: shown }).waitFor();
    }
    await operator.open('/operator/tenants');
    await button(operator, 'Enter acme').click();
    await operator.page.getByText('You act as an operator in the tenant acme.').waitFor();
    await operator.page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
    await button(operator, 'Leave').click();
    await operator.page.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor();
    expect(await operator.barriers()).toEqual([]);
    await endWell(operator);
  });
});
