import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ConsoleBrowser, describeWithChromium, type ConsolePerson, type Look } from '../support/chromium.js';
import { pdfWith, zipWith } from '../support/documents.js';
import { FilesBench } from '../support/files.js';
import { invited, password } from '../support/sign-in.js';
import { until } from '../support/until.js';

let bench: FilesBench;
let browser: ConsoleBrowser;
const cookies = new Map<string, string>();

/** Somebody of this role, who is signed in. */
async function signedIn(role: 'viewer' | 'manager', look?: Look): Promise<ConsolePerson> {
  const cookie = cookies.get(role) ?? (await invited(bench.platform.app, 'acme', role)).browser.cookie ?? '';
  cookies.set(role, cookie);
  const person = await browser.person(look);
  await person.useSession(cookie);
  return person;
}

const button = ({ page }: ConsolePerson, name: string | RegExp) => page.getByRole('button', { name, exact: true });
const row = ({ page }: ConsolePerson, name: string) => page.getByRole('row', { name });
const datasetOf = async (alias: string) =>
  (await bench.platform.app.admin('GET', `/datasets?tenant=acme&alias=${alias}`)).body.data[0];
const filesOf = async (dataset: string) =>
  (await bench.platform.app.admin('GET', `/files?tenant=acme&dataset=${dataset}`)).body.data as { filename: string }[];

async function expectFine(person: ConsolePerson): Promise<void> {
  expect(await person.barriers()).toEqual([]);
  expect(person.faults).toEqual([]);
}

describeWithChromium('datasets at the console', () => {
  beforeAll(async () => {
    bench = await FilesBench.start();
    await bench.worker();
    browser = await ConsoleBrowser.open(bench.platform.app.url);
  });
  afterAll(async () => {
    await browser.close();
    await bench.close();
  });

  it('are made in a form that says what is wrong with it', async () => {
    const person = await signedIn('manager');
    await person.open('/datasets');
    await button(person, 'Create a dataset').click();
    await person.page.getByLabel('Alias').fill('handbook');
    await person.page.getByLabel('Connection').selectOption('main');
    await person.page.getByLabel('Embedding model').fill('sandbox-embed');
    await expectFine(person);
    await button(person, 'Create the dataset').click();
    await person.page
      .getByText(/already/)
      .first()
      .waitFor();
    await person.page.getByLabel('Alias').fill('terms');
    await button(person, 'Create the dataset').click();
    await person.page.getByRole('heading', { level: 1, name: 'terms' }).waitFor();
    expect(await datasetOf('terms')).toMatchObject({ embedding: { connection: 'main', model: 'sandbox-embed' } });
    await person.page.getByText('The dataset has no files yet.').waitFor();
    await expectFine(person);
    await person.close();
  });

  it('take a PDF whose passages are seen and found', async () => {
    const { id } = await datasetOf('handbook');
    const person = await signedIn('manager');
    await person.open(`/datasets/${id}`);
    const pdf = await pdfWith([['The warranty lasts three years.'], ['The office opens at nine.']]);
    await person.page
      .getByLabel('Files for the dataset')
      .setInputFiles([{ name: 'warranty.pdf', mimeType: 'application/pdf', buffer: pdf }]);
    await row(person, 'warranty.pdf').getByText('ready', { exact: true }).waitFor();
    expect(await person.page.getByRole('list', { name: 'Uploads' }).count()).toBe(0);
    await expectFine(person);
    await row(person, 'warranty.pdf').getByRole('button', { name: 'warranty.pdf', exact: true }).click();
    const passages = person.page.getByRole('list', { name: 'Passages' });
    await passages.getByText('The warranty lasts three years.').waitFor();
    expect(await passages.textContent()).toMatch(/Pages? 1/);
    expect(person.page.url()).toContain('file=file-');
    await expectFine(person);
    await button(person, 'Close').click();
    await person.page.getByRole('tab', { name: 'Search' }).click();
    await person.page.getByLabel('Question').fill('How long is the warranty?');
    await person.page.keyboard.press('Enter');
    const found = person.page.getByRole('list', { name: 'Found passages' });
    await found.getByText('The warranty lasts three years.').waitFor();
    expect(await found.textContent()).toMatch(/0\.\d{4}warranty\.pdfPages? 1/);
    await expectFine(person);
    await person.close();
  });

  it('take many files at once, unpack archives, and say why others are refused or fail', async () => {
    const { id } = await datasetOf('terms');
    const person = await signedIn('manager', { width: 390, theme: 'dark' });
    await person.open(`/datasets/${id}`);
    const text = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(`This is ${name}.`) });
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    const archive = await zipWith({ 'in/one.txt': 'The first note.', 'picture.png': png });
    const files = [
      ...['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt'].map(text),
      { name: 'broken.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 and nothing else') },
      { name: 'photo.png', mimeType: 'image/png', buffer: png },
      { name: 'all.zip', mimeType: 'application/zip', buffer: archive },
    ];
    let [now, most] = [0, 0];
    const isUpload = (url: string) => /\/datasets\/[^/]+\/(?:files|import)/.test(url);
    person.page.on('request', (request) => {
      if (isUpload(request.url())) most = Math.max(most, (now += 1));
    });
    person.page.on('requestfinished', (request) => {
      if (isUpload(request.url())) now -= 1;
    });
    await person.page.getByLabel('Files for the dataset').setInputFiles(files);
    const uploads = person.page.getByRole('list', { name: 'Uploads' });
    await uploads.getByText('1 taken, 1 refused').waitFor();
    await uploads
      .getByText(/The file is image\/png/)
      .first()
      .waitFor();
    await row(person, 'broken.pdf')
      .getByText(/damaged/)
      .waitFor();
    await row(person, 'one.txt').getByText('ready', { exact: true }).waitFor();
    expect((await filesOf(id)).map(({ filename }) => filename).sort()).toEqual([
      'a.txt',
      'b.txt',
      'broken.pdf',
      'c.txt',
      'd.txt',
      'e.txt',
      'one.txt',
    ]);
    expect([most > 1, most <= 3]).toEqual([true, true]);
    await expectFine(person);
    await person.close();
  });

  it('let a file be processed again and deleted, and the dataset be embedded anew', async () => {
    const { id } = await datasetOf('terms');
    const person = await signedIn('manager');
    await person.open(`/datasets/${id}`);
    const choose = async (what: string) => {
      await button(person, 'What to do with a.txt').click();
      await person.page.getByRole('menuitem', { name: what }).click();
    };
    await choose('Process it again');
    await person.page.getByText('a.txt is processed again.').waitFor();
    await choose('Delete it');
    await button(person, 'Delete').last().click();
    await person.page.getByText('a.txt is deleted.').waitFor();
    await row(person, 'a.txt').waitFor({ state: 'detached' });
    expect((await filesOf(id)).map(({ filename }) => filename)).not.toContain('a.txt');
    await button(person, 'Re-embed').click();
    await button(person, 'Re-embed all files').click();
    await person.page.getByText(/files wait for new passages/).waitFor();
    await expectFine(person);
    await person.close();
  });

  it('are changed in their settings, with a warning before all files are read again', async () => {
    const { id } = await datasetOf('terms');
    const person = await signedIn('manager');
    await person.open(`/datasets/${id}?tab=settings`);
    await person.page.getByLabel('Name', { exact: true }).fill('Terms of sale');
    expect(await person.page.getByText(/read and embedded again/).count()).toBe(0);
    await person.page.getByLabel('Length of a passage').fill('256');
    await person.page.getByText(/read and embedded again/).waitFor();
    await button(person, 'Save the changes').click();
    await person.page.getByRole('heading', { level: 1, name: 'Terms of sale' }).waitFor();
    await until('it is changed', async () => (await datasetOf('terms')).chunk_tokens === 256);
    await expectFine(person);
    await person.close();
  });

  it('show viewers how far files are, and nothing of what they say', async () => {
    const { id } = await datasetOf('handbook');
    const person = await signedIn('viewer');
    await person.open(`/datasets/${id}?file=file-x`);
    await row(person, 'warranty.pdf').getByText('ready', { exact: true }).waitFor();
    for (const name of ['Choose files', 'Re-embed', 'Delete', 'warranty.pdf', 'What to do with warranty.pdf'])
      expect([name, await button(person, name).count()]).toEqual([name, 0]);
    expect(await person.page.getByRole('tab').allTextContents()).toEqual(['Files', 'Settings']);
    await expectFine(person);
    await person.close();
  });

  it('are left by whoever signs out, with what was dropped and is on its way', async () => {
    const { id } = await datasetOf('terms');
    const { browser: client, email } = await invited(bench.platform.app, 'acme', 'manager');
    const person = await browser.person();
    const { page } = person;
    await person.useSession(client.cookie ?? '');
    await person.open(`/datasets/${id}`);
    await page.route(/\/datasets\/[^/]+\/files/, () => undefined);
    const dataTransfer = await page.evaluateHandle(
      '(() => { const given = new DataTransfer(); given.items.add(new File(["A secret."], "secret.txt")); return given; })()',
    );
    await page.getByText('Drop files here').dispatchEvent('drop', { dataTransfer });
    await page.getByRole('list', { name: 'Uploads' }).getByText('secret.txt').waitFor();
    await button(person, 'Your account').click();
    const isStopped = page.waitForEvent('requestfailed', (request) => request.method() === 'POST');
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await isStopped;
    await page.getByLabel('Tenant').fill('acme');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(password);
    await button(person, 'Sign in').click();
    await page.waitForURL(/\/console\/?$/);
    // Within the same page: what it has in its memory is still there.
    await page.goBack();
    await page.getByText('Drop files here').waitFor();
    expect(await page.getByText('secret.txt').count()).toBe(0);
    expect((await filesOf(id)).map(({ filename }) => filename)).not.toContain('secret.txt');
    await expectFine(person);
    await person.close();
  });
});
