import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConsoleBrowser, describeWithChromium } from '../support/chromium.js';
import { startLoginPlatform, type LoginPlatform } from '../support/login-fixture.js';
import { signInAt } from '../support/login-provider.js';
import { invited } from '../support/sign-in.js';

let platform: LoginPlatform;
let browser: ConsoleBrowser;

describeWithChromium('logins of connections at the console', () => {
  beforeAll(async () => {
    platform = await startLoginPlatform();
    browser = await ConsoleBrowser.open(platform.app.url);
  });
  afterAll(async () => {
    await browser.close();
    await platform.close();
  });

  it('logs in with the address at which a browser ends, and out again', async () => {
    const grant = { grant: 'authorization_code', authorization_endpoint: `${platform.provider.url}/authorize` };
    const id = await platform.connect('by-browser', grant);
    const person = await browser.person();
    await person.useSession((await invited(platform.app, 'acme', 'manager')).browser.cookie ?? '');
    const { page } = person;
    await person.open(`/connections/${id}`);
    await page.getByText('Somebody must log in').waitFor();
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    const link = page.getByRole('link', { name: "Open the provider's page" });
    const address = (await link.getAttribute('href')) ?? '';
    expect(await link.getAttribute('rel')).toContain('noopener');
    await page.getByLabel('Address at the end').fill(await signInAt(address));
    expect(await person.barriers()).toEqual([]);
    await page.getByRole('button', { name: 'Complete the login' }).click();
    await page.getByText('Logged in').first().waitFor();
    expect((await platform.shown(id)).auth).toMatchObject({ login: { state: 'in' } });
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('Somebody must log in').waitFor();
    expect(await person.barriers()).toEqual([]);
    expect(person.faults).toEqual([]);
    await person.close();
  });

  it('shows the code for another device and waits until it is typed there', async () => {
    const grant = { grant: 'device_code', device_authorization_endpoint: `${platform.provider.url}/device` };
    const id = await platform.connect('by-code', grant);
    const person = await browser.person({ width: 390, theme: 'dark' });
    await person.useSession((await invited(platform.app, 'acme', 'manager')).browser.cookie ?? '');
    const { page } = person;
    await person.open(`/connections/${id}`);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    const code = (await page.getByText('Type this code there').locator('strong').textContent()) ?? '';
    expect(await person.barriers()).toEqual([]);
    platform.provider.decide(code, true);
    await page.getByText('Logged in').first().waitFor();
    expect(person.faults).toEqual([]);
    await person.close();
  });
});
