import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { findRealClient } from '../../src/verification/packages/real-client.js';
import { verifyRunbook } from '../../src/verification/verify.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { clientRow, faultOf } from '../support/runbooks.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

let platform: TestPlatform;
beforeAll(async () => void (platform = await startPlatform()));
afterAll(() => platform.close());

async function verify(slug: string, further: { readonly embedModel?: string } = {}) {
  const row = clientRow(slug);
  const realClient = findRealClient(row.client.npm, folder);
  const body = { tenant: 'acme', name: `${slug} ${Math.random()}`, preset: row.preset, agents: ['*'], raw_models: ['*'] };
  const { secret } = (await platform.app.admin('POST', '/keys', body)).body as { secret: string };
  return verifyRunbook({ row, origin: platform.app.url, key: secret, realClient, mostCalls: 50, ...further });
}

describe('a runbook of which the real client is installed', () => {
  it.each([
    ['openai-sdk-node', /^openai \d/],
    ['vercel-ai-sdk', /^ai \d/],
    ['langchain', /^@langchain\/openai \d/],
    ['openai-agents-sdk', /^@openai\/agents \d/],
    ['codex-cli', /^@openai\/codex \d/],
  ])('is verified with it: %s', async (slug, name) => {
    const verification = await verify(slug);
    expect({ outcome: verification.outcome, fault: faultOf(verification) }).toEqual({ outcome: 'pass', fault: undefined });
    expect(verification).toMatchObject({ way: 'package', package: expect.stringMatching(name) });
    const answered = verification.steps.find(({ id }) => id === 'answer');
    expect(answered?.detail).toMatch(name);
    expect(verification.scopes?.unused).toEqual([]);
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
