import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { tokenOf } from '../support/admin.js';
import { ConsoleBrowser, describeWithChromium, type ConsolePerson } from '../support/chromium.js';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { post } from '../support/relay.js';
import { invited, password, type SignedIn } from '../support/sign-in.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;
let key: SeededKey;
let manager: SignedIn;
let browser: ConsoleBrowser;
let person: ConsolePerson;

describeWithChromium('approvals and runbooks at the console', () => {
  beforeAll(async () => {
    platform = await startPlatform();
    provider = await startRecordingProvider();
    tenant = await platform.factory.tenant('watched', provider.url);
    key = await platform.factory.key(tenant);
    await platform.factory.run((tx) =>
      tx.key.updateMany({ where: { id: key.id }, data: { approval: ['chat.completions.create'] } }),
    );
    manager = await invited(platform.app, 'watched', 'manager');
    browser = await ConsoleBrowser.open(platform.app.url);
    person = await browser.person();
    await person.useSession(manager.browser.cookie ?? '');
  });
  afterAll(async () => {
    await browser.close();
    await platform.close();
    await provider.close();
  });

  const ask = async (content: string): Promise<string> => {
    const body = { model: 'assistant', messages: [{ role: 'user', content }] };
    const headers = { prefer: 'respond-async' };
    const response = await post({ url: `${platform.app.baseUrl}/chat/completions`, secret: key.secret, body, headers });
    return ((await response.json()) as { id: string }).id;
  };
  const result = (id: string): Promise<Response> =>
    until(`${id} has a result`, async () => {
      const headers = { authorization: `Bearer ${key.secret}` };
      const response = await fetch(`${platform.app.baseUrl}/approvals/${id}/result`, { headers });
      return response.status === 409 ? undefined : response;
    });

  it('shows a call as it comes, with what would run, and lets it run', async () => {
    await person.open('/approvals');
    await person.page.getByText('No call waits for a decision.').waitFor();
    expect(await person.barriers()).toEqual([]);
    const id = await ask('May I?');
    await person.page.getByRole('button', { name: /^POST .*\/chat\/completions$/ }).click();
    await person.page.getByText('"content": "May I?"').waitFor();
    expect(await person.barriers()).toEqual([]);
    await person.page.getByLabel('Reason').fill('For the report');
    await person.page.getByRole('button', { name: 'Approve', exact: true }).click();
    expect((await result(id)).status).toBe(200);
    await person.page.getByText('No call waits for a decision.').waitFor();
    expect(person.faults).toEqual([]);
  });

  it('tells the caller why it was rejected', async () => {
    const id = await ask('And this?');
    await person.open(`/approvals?call=${id}`);
    await person.page.getByLabel('Reason').fill('Not on production data.');
    await person.page.getByRole('button', { name: 'Reject', exact: true }).click();
    await person.page.getByText('No call waits for a decision.').waitFor();
    expect(await (await result(id)).text()).toContain('Not on production data.');
  });

  it('is opened by a link for one member, who signs in first, and whose token stays in no address', async () => {
    const id = await ask('By link');
    const token = await tokenOf(platform.app, 'watched', 'owner');
    const link = await platform.app.admin('POST', `/approvals/${id}/link`, { member: manager.email }, token);
    const other = await browser.person({ width: 390, theme: 'dark' });
    await other.page.goto(link.body.url as string);
    await other.page.getByLabel('Tenant').fill('watched');
    expect(new URL(other.page.url()).hash).toBe('');
    await other.page.getByLabel('E-mail').fill(manager.email);
    await other.page.getByLabel('Password').fill(password);
    await other.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await other.page.getByText('"content": "By link"').waitFor();
    expect(await other.barriers()).toEqual([]);
    await other.page.getByRole('button', { name: 'Approve', exact: true }).click();
    await other.page.getByRole('heading', { name: 'Approved. The call runs now, once.' }).waitFor();
    expect((await result(id)).status).toBe(200);
    expect(await other.page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).not.toContain('gtap_');
    expect(other.faults).toEqual([]);
    await other.close();
  });

  it('finds a runbook, fills it in and ticks what the request log has', async () => {
    await person.open('/runbooks');
    await person.page.keyboard.press('/');
    await person.page.keyboard.type('open webui');
    await person.page.getByRole('link', { name: 'Open WebUI' }).click();
    await person.page.getByRole('heading', { level: 1, name: 'Open WebUI' }).waitFor();
    expect(await person.page.getByText(platform.app.baseUrl, { exact: true }).count()).toBeGreaterThan(0);
    await person.page.getByText('no good call yet').first().waitFor();
    await fetch(`${platform.app.baseUrl}/models`, { headers: { authorization: `Bearer ${key.secret}` } });
    await person.page.getByText(/^called .* by /).waitFor();
    expect(await person.barriers()).toEqual([]);
    expect(person.faults).toEqual([]);
  });

  it('leaves decisions and keys to those who may make them', async () => {
    const viewer = await browser.person();
    await viewer.useSession((await invited(platform.app, 'watched', 'viewer')).browser.cookie ?? '');
    const id = await ask('For nobody');
    await viewer.open(`/approvals?call=${id}`);
    await viewer.page.getByText('Owners and managers see what a held call would run, and decide.').waitFor();
    expect(await viewer.page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await viewer.open('/runbooks/open-webui');
    await viewer.page.getByRole('heading', { level: 1, name: 'Open WebUI' }).waitFor();
    expect(await viewer.page.getByRole('link', { name: 'Create its key' }).count()).toBe(0);
    expect(viewer.faults).toEqual([]);
    await viewer.close();
  });
});
