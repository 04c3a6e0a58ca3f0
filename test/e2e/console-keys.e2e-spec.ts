import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConsoleBrowser, describeWithChromium, type ConsolePerson, type Look } from '../support/chromium.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { invited } from '../support/sign-in.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let browser: ConsoleBrowser;

const cookies = new Map<string, string>();

/** Somebody of this role, who is signed in. */
async function signedIn(role: 'viewer' | 'manager' | 'owner', look?: Look): Promise<ConsolePerson> {
  const cookie = cookies.get(role) ?? (await invited(platform.app, 'acme', role)).browser.cookie ?? '';
  cookies.set(role, cookie);
  const person = await browser.person(look);
  await person.useSession(cookie);
  return person;
}

const button = ({ page }: ConsolePerson, name: string | RegExp) => page.getByRole('button', { name });
const keyOf = async (name: string) => (await platform.app.admin('GET', `/keys/${name}?tenant=acme`)).body;

/** Calls the data plane as a client does. */
function chat(secret: string, path = '/chat/completions'): Promise<Response> {
  return fetch(`${platform.app.baseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'assistant', messages: [{ role: 'user', content: 'Hi' }] }),
  });
}

/** Makes the call that a command of curl says. */
function pasted(command: string): Promise<Response> {
  const [, url = ''] = /^curl (\S+)/.exec(command) ?? [];
  const headers = [...command.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name = '', value = '']) => [name, value]);
  const [, body] = /-d '(.+)'/s.exec(command) ?? [];
  return fetch(url, { method: 'POST', headers: Object.fromEntries(headers), ...(body === undefined ? {} : { body }) });
}

/** Nothing went wrong behind the page, and nothing on it keeps anybody out. */
async function expectGood(person: ConsolePerson): Promise<void> {
  expect(await person.barriers()).toEqual([]);
  expect(person.faults).toEqual([]);
}

describeWithChromium('keys at the console', () => {
  beforeAll(async () => {
    platform = await startPlatform();
    browser = await ConsoleBrowser.open(platform.app.url);
  });
  afterAll(async () => {
    await browser.close();
    await platform.close();
  });

  it('makes the first key for a product in four clicks, and what is pasted from it works', async () => {
    const person = await signedIn('owner');
    let clicks = 0;
    const click = async (target: ReturnType<ConsolePerson['page']['getByRole']>) => {
      await target.click();
      clicks += 1;
    };
    await person.open('/keys');
    await click(person.page.getByRole('link', { name: 'Create a key' }).first());
    await click(button(person, /^Open WebUI/));
    await click(button(person, 'Create the key'));
    const secret = (await person.page.getByTestId('secret').textContent()) ?? '';
    expect(secret).toMatch(/^gtak_\w+$/);
    await click(button(person, 'Copy the curl snippet'));
    expect(clicks).toBe(4);

    const reply = await pasted((await person.page.getByRole('tabpanel').locator('pre').textContent()) ?? '');
    expect([reply.status, ((await reply.json()) as { object: string }).object]).toEqual([200, 'chat.completion']);
    await button(person, 'Test this key').click();
    const tested = person.page.getByRole('region', { name: 'Test of the key' }).getByLabel('it works');
    await until('both calls have worked', async () => (await tested.count()) === 2);
    await person.page.getByRole('tab', { name: 'Open WebUI' }).click();
    await person.page.getByRole('heading', { name: 'Open WebUI runbook' }).waitFor();
    expect(await person.page.getByRole('tabpanel').textContent()).toContain(`OPENAI_API_KEY=${secret}`);
    await expectGood(person);

    await button(person, 'Done').click();
    await person.page.getByRole('heading', { level: 1, name: 'open-webui' }).waitFor();
    expect(await person.page.content()).not.toContain(secret);
    expect(
      await person.page.evaluate('JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }])'),
    ).not.toContain(secret);
    expect(await keyOf('open-webui')).toMatchObject({
      preset: 'openai-chat-client',
      agents: ['assistant'],
      scopes: ['inference:chat'],
    });
    await person.close();
  });

  it('shows which routes open while scopes are chosen, and asks before an uncopied secret is gone', async () => {
    const person = await signedIn('owner');
    await person.open('/keys/new?preset=agentic-ide');
    const open = person.page.getByText(/^\d+ of \d+ routes are open\.$/);
    const before = parseInt((await open.textContent()) ?? '', 10);
    await person.page.getByLabel('responses:write').uncheck();
    expect(parseInt((await open.textContent()) ?? '', 10)).toBeLessThan(before);
    expect(await person.page.getByLabel('inference:embed').isDisabled()).toBe(true);
    await person.page.getByLabel('Name', { exact: true }).fill('narrow');
    await person.page.getByText('End and addresses').click();
    await person.page.getByLabel('Allowed addresses').fill('127.0.0.1\nnowhere');
    await button(person, 'Create the key').click();
    await person.page.getByText(/IP address or a CIDR range/).waitFor();
    await person.page.getByLabel('Allowed addresses').fill('127.0.0.1');
    await person.page.getByText('Budget', { exact: true }).click();
    await person.page.getByLabel('Amount').fill('5000');
    await person.page.getByLabel('Of', { exact: true }).fill('tokens');
    await button(person, 'Create the key').click();
    await person.page.getByTestId('secret').waitFor();
    await person.page.keyboard.press('Escape');
    await button(person, 'Done').click();
    await button(person, 'Stay here').click();
    await button(person, 'Copy the secret').click();
    await button(person, 'Done').click();
    await person.page.getByRole('heading', { level: 1, name: 'narrow' }).waitFor();
    expect(await keyOf('narrow')).toMatchObject({
      scopes: ['inference:chat', 'responses:read'],
      allowed_ips: ['127.0.0.1'],
      agents: ['assistant'],
    });
    const { body } = await platform.app.admin('GET', '/budgets?tenant=acme&key=narrow');
    expect(body.data).toMatchObject([{ amount: 5000, currency: null, window: 'month', hard: true }]);
    await person.page.getByText('5,000 tokens of 5,000 tokens').waitFor();
    await expectGood(person);
    await person.close();
  });

  it('makes a conversation key with the keys that it uses', async () => {
    const person = await signedIn('manager', { width: 390, theme: 'dark' });
    await person.open('/keys/new?preset=conversation-app');
    await button(person, 'Create the key').waitFor();
    await expectGood(person);
    await button(person, 'Create the key').click();
    const secret = (await person.page.getByTestId('secret').textContent()) ?? '';
    expect((await chat(secret)).status).toBe(200);
    expect((await keyOf('conversation-app-inference')).agents).toEqual(['assistant']);
    expect((await keyOf('conversation-app')).links.upload).toBe((await keyOf('conversation-app-upload')).id);
    await expectGood(person);
    await person.close();
  });

  it('finds keys by a part of their name and by state, and keeps that in the address', async () => {
    for (const name of ['billing-a', 'billing-b']) {
      const made = await platform.app.admin('POST', '/keys', { tenant: 'acme', name, preset: 'openai-chat-client' });
      expect(made.status).toBe(201);
    }
    await platform.app.admin('POST', '/keys/billing-b/disable', { tenant: 'acme' });
    const person = await signedIn('viewer');
    await person.open('/keys');
    await person.page.keyboard.press('/');
    await person.page.keyboard.type('BILLING');
    await person.page.waitForURL(/search=BILLING/);
    const names = person.page.getByRole('link', { name: /^billing-/ });
    await until('both are found', async () => (await names.count()) === 2);
    await person.page.getByLabel('State').selectOption('disabled');
    await until('one is left', async () => (await names.allTextContents()).join() === 'billing-b');
    await person.page.reload({ waitUntil: 'networkidle' });
    expect(await names.allTextContents()).toEqual(['billing-b']);
    await expectGood(person);
    await person.close();
  });

  it('shows a viewer all of a key, and nothing that a viewer may not do', async () => {
    const key = await platform.factory.key(platform.acme);
    const person = await signedIn('viewer');
    await person.open('/keys');
    expect(await person.page.getByRole('link', { name: 'Create a key' }).count()).toBe(0);
    await person.open('/keys/new');
    await person.page.getByText('Your role makes no keys.').waitFor();
    await person.open(`/keys/${key.id}`);
    expect(await person.page.getByRole('tab').allTextContents()).toEqual(['Overview', 'Requests', 'Granted and used', 'Explain']);
    for (const name of ['Rotate', 'Disable', 'More about the key']) expect(await button(person, name).count()).toBe(0);
    await person.page.getByRole('tab', { name: 'Granted and used' }).click();
    await person.page
      .getByText(/not used/)
      .first()
      .waitFor();
    expect(await button(person, 'Narrow to what is used').count()).toBe(0);
    await expectGood(person);
    await person.close();
  });

  describeKey('tells the usage of the key as the API does, its calls and why one is refused', async (person, key) => {
    expect((await chat(key.secret)).status).toBe(200);
    const groups = () => platform.app.admin('GET', `/usage/groups?tenant=acme&key=${key.id}&by=route`);
    await until('the call counts', async () => (await groups()).body.totals.calls === 1);
    await person.open(`/keys/${key.id}`);
    const row = person.page.getByRole('region', { name: 'By route' }).getByRole('row').nth(1);
    const { id, calls, total_tokens } = (await groups()).body.data[0] as { id: string; calls: number; total_tokens: number };
    expect(await row.getByRole('cell').allTextContents()).toEqual([id, String(calls), String(total_tokens), '–']);
    await expectGood(person);
    await person.page.getByRole('tab', { name: 'Requests' }).click();
    await person.page.getByRole('cell', { name: 'chat.completions.create' }).waitFor();
    await person.page.getByRole('tab', { name: 'Explain' }).click();
    await person.page.getByLabel('Path').fill('/files');
    await button(person, 'Explain').click();
    await person.page.getByRole('heading', { name: 'The call is refused with 403' }).waitFor();
    expect(await person.page.getByRole('listitem').filter({ hasText: 'files:write' }).count()).toBe(1);
  });

  describeKey('takes from a key what its calls did not need, after saying what that is', async (person, key) => {
    expect((await chat(key.secret)).status).toBe(200);
    await until('the call counts', async () => {
      const { body } = await platform.app.admin('GET', `/keys/${key.id}/exercise?tenant=acme`);
      return body.scopes.exercised.length === 1;
    });
    await person.open(`/keys/${key.id}`);
    await person.page.getByRole('link', { name: 'Narrow it' }).click();
    await button(person, 'Narrow to what is used').click();
    expect(await person.page.getByRole('list', { name: 'What is taken away' }).textContent()).toBe('inference:embed');
    await expectGood(person);
    expect((await keyOf(key.id)).scopes).toHaveLength(2);
    await button(person, 'Take 1 away').click();
    await until('it is taken away', async () => (await keyOf(key.id)).scopes.join() === 'inference:chat');
  });

  describeKey('rotates with an overlap, edits, disables and revokes', async (person, key) => {
    await person.open(`/keys/${key.id}`);
    await button(person, 'Rotate').click();
    await person.page.getByLabel('The former secret stays valid for').selectOption('3600');
    await button(person, 'Make the new secret').click();
    const secret = (await person.page.getByTestId('secret').textContent()) ?? '';
    expect([(await chat(secret)).status, (await chat(key.secret)).status]).toEqual([200, 200]);
    await expectGood(person);
    await button(person, 'Done').click();
    await button(person, 'Close all the same').click();

    await person.page.getByRole('tab', { name: 'Edit' }).click();
    await person.page.getByLabel('Requests a minute').fill('60');
    await until('it can be saved', () => button(person, 'Save the changes').isEnabled());
    await expectGood(person);
    await button(person, 'Save the changes').click();
    await until('the limit is set', async () => (await keyOf(key.id)).limits.requests_per_minute === 60);
    await person.page.getByRole('tab', { name: 'Overview' }).click();
    await person.page.getByText('60 of 60').waitFor();
    await person.page.getByRole('tab', { name: 'Audit' }).click();
    await person.page.getByRole('cell', { name: /limits .*requests_per_minute 60/ }).waitFor();
    await expectGood(person);

    await button(person, 'Disable').click();
    await person.page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await button(person, 'Enable').click();
    await button(person, 'Disable').waitFor();
    await button(person, 'More about the key').click();
    await person.page.getByRole('menuitem', { name: 'Revoke for good' }).click();
    const revoke = person.page.getByRole('dialog').getByRole('button', { name: 'Revoke' });
    expect(await revoke.isDisabled()).toBe(true);
    await person.page.getByLabel(/^Type/).fill((await keyOf(key.id)).name as string);
    await revoke.click();
    await person.page.getByRole('heading', { level: 1, name: /revoked$/ }).waitFor();
    await until('both secrets are refused', async () => {
      const replies = await Promise.all([secret, key.secret].map((one) => chat(one)));
      return replies.every(({ status }) => status === 401);
    });
  });
});

/** An owner at a key with two scopes, of which a chat needs one. */
function describeKey(name: string, story: (person: ConsolePerson, key: SeededKey) => Promise<void>): void {
  it(name, async () => {
    const key = await platform.factory.key(platform.acme, {
      scopes: ['inference:chat', 'inference:embed'],
      agents: ['assistant'],
    });
    const person = await signedIn('owner');
    await story(person, key);
    expect(person.faults).toEqual([]);
    await person.close();
  });
}
