import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { newCredential } from '../../src/kernel/credentials.js';
import { findRealClient } from '../../src/verification/packages/real-client.js';
import { verifyRunbook } from '../../src/verification/verify.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { reply, startRecordingProvider } from '../support/recording-provider.js';
import { clientRow, faultOf } from '../support/runbooks.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** The program of opencode is installed on the machines for which its package is locked. */
const opencode = process.platform === 'linux' && process.arch === 'x64' ? (['opencode'] as const) : [];
/** A folder in which promptfoo is installed: it brings seven hundred packages, so the tests do not install it. */
const promptfooFolder = process.env['GT_TEST_PROMPTFOO'];
const promptfoo = promptfooFolder === undefined ? [] : (['promptfoo'] as const);

const names = {
  'openai-sdk-node': /^openai \d/,
  'vercel-ai-sdk': /^ai \d/,
  langchain: /^@langchain\/openai \d/,
  llamaindex: /^@llamaindex\/openai \d/,
  'openai-agents-sdk': /^@openai\/agents \d/,
  'codex-cli': /^@openai\/codex \d/,
  opencode: /^opencode-linux-x64 \d/,
  promptfoo: /^promptfoo \d/,
};
type Product = keyof typeof names;

const seldom = [...opencode, ...promptfoo] as const;
const products = Object.keys(names).filter((slug) => !['opencode', 'promptfoo'].includes(slug)) as Product[];

/** Each run starts the real client: `npm run test:soak` has all of them refused both ways, else each of them one way. */
const isSoak = process.env['GT_TEST_SOAK'] === '1';
const refusing = ['llamaindex', 'codex-cli', ...seldom] as const;

let platform: TestPlatform;
beforeAll(async () => void (platform = await startPlatform()));
afterAll(() => platform.close());

const realClientOf = (slug: Product) =>
  findRealClient(clientRow(slug).client.npm, slug === 'promptfoo' ? (promptfooFolder ?? '') : folder);

async function verify(
  slug: Product,
  further: { readonly embedModel?: string; readonly configured?: string; readonly key?: string } = {},
) {
  const row = clientRow(slug);
  const realClient = realClientOf(slug);
  const body = { tenant: 'acme', name: `${slug} ${Math.random()}`, preset: row.preset, agents: ['*'], raw_models: ['*'] };
  const { secret } = (await platform.app.admin('POST', '/keys', body)).body as { secret: string };
  return verifyRunbook({ row, origin: platform.app.url, key: secret, realClient, mostCalls: 50, ...further });
}

describe('a runbook of which the real client is installed', () => {
  it.each([...products, ...seldom])('is verified with it: %s', async (slug) => {
    const verification = await verify(slug);
    expect({ outcome: verification.outcome, fault: faultOf(verification) }).toEqual({ outcome: 'pass', fault: undefined });
    expect(verification).toMatchObject({ way: 'package', package: expect.stringMatching(names[slug]) });
    const answered = verification.steps.find(({ id }) => id === 'answer');
    expect(answered?.detail).toMatch(names[slug]);
    expect(verification.scopes?.unused).toEqual([]);
    // One of them cannot be had to call nobody else: it is kept from it, and the step says so.
    const isKept = / \(kept from calling (.*)\)$/.exec(answered?.detail ?? '')?.[1];
    expect(isKept).toBe(slug === 'promptfoo' ? 'r.promptfoo.app' : undefined);
  });

  it.each(isSoak ? (['llamaindex', ...seldom] as const) : (['llamaindex'] as const))(
    'fails with a named cause: %s',
    async (slug) => {
      const { url } = platform.app;
      expect(faultOf(await verify(slug, { key: newCredential('gtak_') }))).toMatchObject({ id: 'key', cause: 'invalid_key' });
      expect(faultOf(await verify(slug, { configured: `${url}/elsewhere/v1` }))).toMatchObject({ cause: 'base_url' });
    },
  );

  it.each(isSoak ? refusing : refusing.slice(1))('says with what it was refused: %s', async (slug) => {
    const { baseUrl, url } = platform.app;
    const { secret } = await platform.factory.key(platform.acme);
    const told = { model: 'assistant', embedModel: null };
    const unknown = await realClientOf(slug)?.run({ ...told, baseURL: baseUrl, apiKey: newCredential('gtak_') });
    expect(unknown).toMatchObject({ answer: { wrong: expect.stringMatching(/401/) } });
    const lost = await realClientOf(slug)?.run({ ...told, baseURL: `${url}/elsewhere/v1`, apiKey: secret });
    expect(lost).toMatchObject({ answer: { wrong: expect.stringMatching(/404/) } });
  });

  (opencode.length > 0 ? it : it.skip)('does nothing that the model wants of opencode', async () => {
    const provider = await startRecordingProvider();
    try {
      const call = { name: 'bash', arguments: JSON.stringify({ command: 'echo told', description: 'Tells' }) };
      const calls = [{ index: 0, id: 'call_1', type: 'function', function: call }];
      provider.answerWith((asked, response) => reply(response, asked, { content: null, tool_calls: calls }, 'tool_calls'));
      const tenant = await platform.factory.tenant('opencode-tools', provider.url);
      await platform.factory.wire(tenant, 'chat');
      const { secret } = await platform.factory.key(tenant);
      const told = { model: 'assistant', embedModel: null, baseURL: platform.app.baseUrl, apiKey: secret };
      expect(await realClientOf('opencode')?.run(told)).toMatchObject({ answer: { wrong: expect.any(String) } });
      expect(provider.bodies.map(({ tools }) => JSON.stringify(tools))).toEqual([expect.stringContaining('"bash"')]);
    } finally {
      await provider.close();
    }
  });

  it('fails with what the client says', async () => {
    const verification = await verify('langchain', { embedModel: 'nobody' });
    expect(faultOf(verification)).toMatchObject({ id: 'embeddings', cause: 'package' });
  });

  it('is verified with a stand-in where it is not installed', () => {
    expect(findRealClient(['openai'], `${folder}scripts`)).toBeUndefined();
    expect(findRealClient(clientRow('cursor').client.npm, folder)).toBeUndefined();
  });
});
