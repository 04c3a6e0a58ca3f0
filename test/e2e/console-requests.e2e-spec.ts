import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConsoleBrowser, describeWithChromium, type ConsolePerson } from '../support/chromium.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { post } from '../support/relay.js';
import { invited } from '../support/sign-in.js';

let platform: TestPlatform;
let provider: RecordingProvider;
let key: SeededKey;
let browser: ConsoleBrowser;
let person: ConsolePerson;

describeWithChromium('calls at the console', () => {
  beforeAll(async () => {
    platform = await startPlatform();
    provider = await startRecordingProvider();
    key = await platform.factory.key(await platform.factory.tenant('calling', provider.url));
    browser = await ConsoleBrowser.open(platform.app.url);
    person = await browser.person();
    await person.useSession((await invited(platform.app, 'calling', 'manager')).browser.cookie ?? '');
  });
  afterAll(async () => {
    await browser.close();
    await platform.close();
    await provider.close();
  });

  const ask = (model = 'assistant') =>
    post({
      url: `${platform.app.baseUrl}/chat/completions`,
      secret: key.secret,
      body: { model, messages: [{ role: 'user', content: 'Hi' }] },
    });

  it('begin with nothing and the next step', async () => {
    await person.open('/');
    await person.page.getByText('No call has reached a provider in the last day.').waitFor();
    await person.page.getByRole('main').getByRole('link', { name: 'Create a key' }).waitFor();
    await person.open('/requests');
    await person.page.getByText('No call was made yet.').waitFor();
    expect(await person.barriers()).toEqual([]);
    expect(person.faults).toEqual([]);
  });

  it('stand in the log, in its tail as they come, and each on a page of its own', async () => {
    await person.open('/requests');
    await person.page.getByRole('button', { name: 'Live tail' }).click();
    await person.page.getByText('Waiting for calls').waitFor();
    await ask();
    await person.page.getByRole('cell', { name: 'chat.completions.create' }).first().waitFor();
    await ask('gone');
    await person.page.getByText('model_not_found').waitFor();
    expect(await person.barriers()).toEqual([]);

    await person.page.getByRole('button', { name: 'Stop the live tail' }).click();
    await person.page.getByLabel('Status').selectOption('4xx');
    await person.page.getByText('model_not_found').waitFor();
    expect(await person.page.getByRole('row').count()).toBe(2);
    expect(new URL(person.page.url()).searchParams.get('status')).toBe('4xx');

    await person.page.getByRole('button', { name: 'Clear' }).click();
    await person.page.getByRole('row', { name: /200/ }).getByRole('link').click();
    await person.page.getByRole('heading', { name: 'POST chat.completions.create' }).waitFor();
    await person.page.getByText('until the provider was asked').waitFor();
    expect(await person.barriers()).toEqual([]);
    expect(person.faults).toEqual([]);
  });

  it('are found by their ids, and add up', async () => {
    const answer = await ask();
    await answer.text();
    const id = answer.headers.get('x-request-id') ?? '';
    await person.open('/requests');
    await person.page.keyboard.press('/');
    await person.page.keyboard.type(id);
    await person.page.keyboard.press('Enter');
    await person.page.waitForURL(new RegExp(`request=${id}`));
    await expect(
      (async () => {
        await person.page.getByRole('row').nth(1).waitFor();
        return person.page.getByRole('row').count();
      })(),
    ).resolves.toBeGreaterThan(1);

    // One call is no filter of a tail: it ends with it.
    await person.page.getByRole('button', { name: 'Live tail' }).click();
    await person.page.getByText('Waiting for calls').waitFor();
    await ask();
    await person.page.getByRole('cell', { name: 'chat.completions.create' }).first().waitFor();
    expect(await person.page.getByRole('alert').count()).toBe(0);

    const { body } = await platform.app.admin('GET', '/usage?tenant=calling&limit=1');
    await person.open('/usage');
    await person.page.getByRole('row').nth(1).waitFor();
    const shown = await person.page.getByText('Calls', { exact: true }).first().locator('..').innerText();
    expect(shown.split('\n')).toContain(String(body.totals.calls));
    await person.open('/');
    await person.page.getByText('Calls by hour').first().waitFor();
    expect(await person.barriers()).toEqual([]);
    expect(person.faults).toEqual([]);
  });
});
