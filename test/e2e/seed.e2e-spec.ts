import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSandbox } from '../../src/sandbox/server.js';
import { AdminClient } from '../../src/up/admin-client.js';
import { seedDemo, type SeedResult } from '../../src/up/seed.js';
import { startApp, type TestApp } from '../support/app.js';
import { openai, user } from '../support/relay.js';

describe('the demo platform of npm run up', () => {
  let app: TestApp;
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;

  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0, host: '127.0.0.1', token: 'sandbox-token' });
    app = await startApp();
  });
  afterAll(async () => {
    await app.close();
    await sandbox.close();
  });

  const seed = (onProgress: (text: string) => void = () => undefined): Promise<SeedResult> =>
    seedDemo(
      new AdminClient(app.adminUrl, app.operatorToken),
      { baseUrl: `${sandbox.url}/v1`, token: 'sandbox-token' },
      onProgress,
    );
  const names = async (resource: string, name = 'name'): Promise<string[]> =>
    (await app.admin('GET', `/${resource}?tenant=demo`)).body.data.map((row: Record<string, string>) => row[name]).sort();
  const objects = async () => ({
    agents: await names('agents'),
    datasets: await names('datasets', 'alias'),
    endpoints: await names('endpoints'),
    keys: await names('keys'),
  });
  const whole = {
    agents: ['assistant', 'librarian'],
    datasets: ['handbook'],
    endpoints: ['assistant', 'librarian', 'sandbox-chat'],
    keys: ['first-key', 'uploads', 'workspace'],
  };

  it('is completed by a second run after the first was killed, and has new secrets then', async () => {
    for (const step of ['agents', 'keys']) {
      const killed = seed((text) => {
        if (text.startsWith(step)) throw new Error('killed');
      });
      await expect(killed).rejects.toThrow('killed');
    }
    const first = await seed();
    expect(await objects()).toEqual(whole);
    const second = await seed();
    expect(await objects()).toEqual(whole);
    expect(second.keys.map(({ secret }) => secret)).not.toEqual(first.keys.map(({ secret }) => secret));
  });

  it('gives the first key both aliases, and the upload key the dataset alone', async () => {
    const [first, , uploads] = (await seed()).keys;
    for (const model of ['assistant', 'librarian']) {
      const { choices } = await openai(app.baseUrl, { secret: first?.secret ?? '' }).chat.completions.create({
        model,
        messages: [user('Hello!')],
      });
      expect(choices[0]?.message.content).toBe('You said: Hello!');
    }
    const targets = await openai(app.baseUrl, { secret: uploads?.secret ?? '' }).get('/upload-targets');
    expect(targets).toMatchObject({ data: [{ kind: 'dataset', alias: 'handbook' }] });
  });
});
