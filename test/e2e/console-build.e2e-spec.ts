import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConsoleBrowser, describeWithChromium, type ConsolePerson, type Look } from '../support/chromium.js';
import { sandboxToken, startPlatform, type TestPlatform } from '../support/platform.js';
import { invited } from '../support/sign-in.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let browser: ConsoleBrowser;

async function signedIn(role: 'viewer' | 'owner', look?: Look): Promise<ConsolePerson> {
  const person = await browser.person(look);
  await person.useSession((await invited(platform.app, 'acme', role)).browser.cookie ?? '');
  return person;
}

const button = ({ page }: ConsolePerson, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const tab = ({ page }: ConsolePerson, name: string) => page.getByRole('tab', { name });
const get = async (path: string) => (await platform.app.admin('GET', `${path}?tenant=acme`)).body;

/** Nothing went wrong behind the page, and nothing on it keeps anybody out. */
async function expectGood(person: ConsolePerson): Promise<void> {
  expect(await person.barriers()).toEqual([]);
  expect(person.faults).toEqual([]);
}

describeWithChromium('connections, agents and endpoints at the console', () => {
  beforeAll(async () => {
    platform = await startPlatform();
    browser = await ConsoleBrowser.open(platform.app.url);
  });
  afterAll(async () => {
    await browser.close();
    await platform.close();
  });

  it('adds a connection, tells of a wrong token, and shows the models with the right one', async () => {
    const person = await signedIn('owner', { width: 390, theme: 'dark' });
    const { page } = person;
    await person.open('/connections');
    await expectGood(person);
    await page.getByRole('link', { name: 'Add a connection' }).first().click();
    await page.getByLabel('Name').fill('second');
    await page.getByLabel('Address').fill(`${platform.sandbox.url}/v1`);
    await page.getByLabel('Token').fill('wrong');
    await expectGood(person);
    await button(person, 'Add the connection').click();
    await button(person, 'Test the connection').click();
    await page.getByText('It does not work').waitFor();
    await tab(person, 'Edit').click();
    expect(await page.getByLabel('Token').inputValue()).toBe('');
    await page.getByLabel('Token').fill(sandboxToken);
    await button(person, 'Save the changes').click();
    await page.getByText('The connection is changed.').waitFor();
    await expectGood(person);
    await tab(person, 'Overview').click();
    await button(person, 'Test the connection').click();
    await page.getByText('It works').waitFor();
    await expectGood(person);
    await tab(person, 'Models').click();
    await page.getByRole('list', { name: 'Models' }).getByText('sandbox-chat', { exact: true }).waitFor();
    await expectGood(person);
    expect(await page.content()).not.toContain(sandboxToken);
    await button(person, 'Delete').click();
    await page.getByLabel(/^Type/).fill('second');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL(/\/connections$/);
    expect((await platform.app.admin('GET', '/connections?tenant=acme&name=second')).body.data).toEqual([]);
    await person.close();
  });

  it('makes an agent, publishes it, changes it, compares and rolls back', async () => {
    const person = await signedIn('owner');
    const { page } = person;
    await person.open('/agents');
    await expectGood(person);
    await page.getByRole('link', { name: 'Create an agent' }).first().click();
    await page.getByLabel('Name').fill('support');
    await page.getByLabel('Instructions', { exact: true }).fill('Be kind.\nAnswer in English.');
    const chat = page.getByRole('group', { name: 'chat' });
    await chat.getByLabel('Connection').selectOption('main');
    await chat.locator('option[value="sandbox-chat"]').waitFor({ state: 'attached' });
    await chat.getByLabel('Model').fill('sandbox-chat');
    await expectGood(person);
    await button(person, 'Create the agent').click();
    await button(person, 'Publish').click();
    await page.getByLabel('Published name', { exact: true }).fill('claude-support');
    await button(person, 'Publish the draft').click();
    await page.getByText(/Some clients change what they send/).waitFor();
    await expectGood(person);
    await button(person, 'Done').click();
    expect(await get('/endpoints/claude-support')).toMatchObject({ agent: 'support', revision: 1 });

    await tab(person, 'Edit').click();
    await page.getByLabel('Instructions', { exact: true }).fill('Be kind.\nAnswer in French.');
    await page.getByLabel('Context tokens').fill('10');
    await button(person, 'Save the draft').click();
    await page.getByLabel('Context tokens').fill('16000');
    await button(person, 'Save the draft').click();
    await until('the draft is saved', async () => (await get('/agents/support')).context_tokens === 16_000);
    await tab(person, 'Revisions').click();
    const lines = page.getByRole('region', { name: 'Instructions, line by line' }).getByRole('listitem');
    await lines.first().waitFor();
    expect(await lines.allTextContents()).toEqual([' Be kind.', '-Removed: Answer in English.', '+Added: Answer in French.']);
    const fields = page.getByRole('region', { name: 'Fields that differ' }).getByRole('row');
    expect(await fields.allTextContents()).toEqual(['FieldFromTo', 'Context tokens3200016000']);
    await expectGood(person);
    await button(person, 'Publish').click();
    await button(person, 'Publish the draft').click();
    await button(person, 'Roll back to revision 1').click();
    await expectGood(person);
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await until('the third revision answers', async () => (await get('/endpoints/claude-support')).revision === 3);
    expect(await get('/agents/support')).toMatchObject({
      instructions: 'Be kind.\nAnswer in English.',
      context_tokens: 32_000,
      models: { chat: { connection: 'main', model: 'sandbox-chat' } },
    });
    await person.close();
  });

  it('publishes, renames and deletes a raw model with limits, and tells which keys may use an agent', async () => {
    const named = await platform.factory.key(platform.acme, { scopes: ['inference:chat'], agents: ['assistant'] });
    const other = await platform.factory.key(platform.acme, { scopes: ['inference:chat'], agents: ['nothing'] });
    const person = await signedIn('owner');
    const { page } = person;
    await person.open('/agents?tab=names');
    await button(person, 'Publish a name').click();
    await page.getByLabel('Name', { exact: true }).fill('fast');
    await page.getByLabel('Leads to').selectOption('raw_model');
    await page.getByLabel('Connection').selectOption('main');
    await page.getByLabel('Model', { exact: true }).fill('sandbox-chat');
    await page.getByLabel('Requests a minute').fill('30');
    await expectGood(person);
    await button(person, 'Publish the name').click();
    await button(person, 'Change fast').click();
    await page.getByLabel('Name', { exact: true }).fill('faster');
    await button(person, 'Save').click();
    await button(person, 'Delete faster').waitFor();
    expect(await get('/endpoints/faster')).toMatchObject({ kind: 'raw_model', limits: { requests_per_minute: 30 } });
    await expectGood(person);
    await button(person, 'Delete faster').click();
    await page.getByLabel(/^Type/).fill('faster');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await until('it is gone', async () => (await platform.app.admin('GET', '/endpoints/faster?tenant=acme')).status === 404);
    await person.open('/agents/assistant?tab=users');
    await page.getByRole('link', { name: named.id }).waitFor();
    expect(await page.getByRole('link', { name: other.id }).count()).toBe(0);
    await expectGood(person);
    await person.close();
  });

  it('shows a viewer everything and no button that would be refused', async () => {
    const person = await signedIn('viewer');
    const { page } = person;
    await person.open(`/connections/${platform.acme.connectionId}`);
    await page.getByRole('heading', { level: 1, name: /^main/ }).waitFor();
    expect(await page.getByRole('tab').allTextContents()).toEqual(['Overview']);
    for (const name of ['Test the connection', 'Delete']) expect(await button(person, name).count()).toBe(0);
    await expectGood(person);
    await person.open('/agents/assistant');
    await tab(person, 'Revisions').click();
    await page.getByRole('cell', { name: 'answers now' }).waitFor();
    expect(await page.getByRole('tab', { name: 'Edit' }).count()).toBe(0);
    for (const name of ['Publish', /^Roll back/]) expect(await button(person, name).count()).toBe(0);
    await person.open('/agents?tab=names');
    await page.getByRole('cell', { name: 'raw-chat', exact: true }).waitFor();
    for (const name of ['Publish a name', /^(?:Change|Delete) /]) expect(await button(person, name).count()).toBe(0);
    await expectGood(person);
    await person.close();
  });
});
