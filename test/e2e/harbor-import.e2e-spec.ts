import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli, type CliRun } from '../support/cli.js';
import { sandboxToken, startPlatform, type TestPlatform } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';

let platform: TestPlatform;
let folder: string;

beforeAll(async () => {
  platform = await startPlatform();
  folder = mkdtempSync(join(runFolder(), 'import-'));
});
afterAll(() => platform.close());

const canary = 'sk-canary-in-a-port-4711';
let files = 0;

function fileOf(content: object | string): string {
  const file = join(folder, `port-${(files += 1)}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

async function run(content: object | string, ...flags: string[]): Promise<CliRun> {
  const { adminUrl, operatorToken } = platform.app;
  const env = { GT_DATA_DIR: folder, GT_ADMIN_URL: adminUrl, GT_ADMIN_TOKEN: operatorToken, PROVIDER_KEY: sandboxToken };
  const done = await runCli(['connection', 'import-harbor', fileOf(content), '--tenant', 'acme', ...flags], env);
  expect(done.out + done.err).not.toContain(canary);
  return done;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test reads of a reply is judged by the test
async function imported(content: object | string, ...flags: string[]): Promise<any> {
  const done = await run(content, ...flags, '--json');
  expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: '' });
  return JSON.parse(done.out) as unknown;
}

const names = async (): Promise<string[]> =>
  ((await platform.app.admin('GET', '/connections?tenant=acme&limit=100')).body.data as { name: string }[]).map(
    ({ name }) => name,
  );

/** The port of OpenAI as it is published. */
const openAi = {
  kind: 'http_api',
  label: 'OpenAI API',
  description: 'OpenAI API connection managed locally through Harbor.',
  baseUrl: 'https://api.openai.com/v1/',
  authMode: 'header_token',
  authHeaderName: 'Authorization',
  authTokenPrefix: 'Bearer',
  publisher: { slug: 'openai', name: 'OpenAI' },
  category: 'AI',
  tags: ['openai', 'ai', 'llm'],
};
const local = () => ({ ...openAi, label: 'Local', baseUrl: `${platform.sandbox.url}/v1/` });

describe('gt connection import-harbor', () => {
  it('makes a connection of the published form of a port, with the secret from the environment', async () => {
    expect(await imported(openAi, '--token-env', 'PROVIDER_KEY')).toMatchObject({
      object: 'connection',
      name: 'OpenAI API',
      base_url: 'https://api.openai.com/v1',
      wire: 'openai',
      auth: { mode: 'header_token', header: 'Authorization', prefix: 'Bearer', secret_set: true },
    });
  });

  it('makes one that reaches its provider', async () => {
    const { id } = await imported({ ...local(), label: 'Reached' }, '--token-env', 'PROVIDER_KEY');
    expect((await platform.app.admin('POST', `/connections/${id}/test?tenant=acme`)).body).toMatchObject({
      ok: true,
      status: 200,
    });
  });

  it('takes the names as the page of a port writes them, in YAML too, and a manifest of the platform', async () => {
    const page = `
Product: OpenAI API
Publisher slug: openai
Publisher name: OpenAI
Category: AI
Tags: openai,ai,llm
Kind: http_api
Label: Paged
Base URL: https://api.anthropic.com/v1/
Auth mode: header_token
Auth header name: x-api-key
Auth token prefix: ""
Hidden local config: authToken
`;
    expect(await imported(page, '--token-env', 'PROVIDER_KEY')).toMatchObject({
      name: 'Paged',
      base_url: 'https://api.anthropic.com/v1',
      wire: 'anthropic',
      auth: { header: 'x-api-key', prefix: '', secret_set: true },
    });
    const manifest = await runCli(['harbor', 'manifest', '--base-url', `${platform.sandbox.url}/v1`], { GT_DATA_DIR: folder });
    expect(
      await imported(manifest.out, '--name', 'another platform', '--wire', 'chat', '--token-env', 'PROVIDER_KEY'),
    ).toMatchObject({
      name: 'another platform',
      base_url: `${platform.sandbox.url}/v1`,
      wire: 'chat',
    });
    expect(await imported({ ...local(), label: undefined, product: 'Open one', authMode: 'none' })).toMatchObject({
      name: 'Open one',
      auth: { mode: 'none' },
    });
  });

  it('says what it has read over', async () => {
    const { code, err } = await run({ port: { ...local(), label: 'Told' }, actions: [{}] }, '--token-env', 'PROVIDER_KEY');
    expect(code).toBe(0);
    expect(err).toContain('no place for actions, port.description, port.publisher, port.category, port.tags.');
  });

  it.each<readonly [string, object, string]>([
    ['another kind', { kind: 'mcp' }, 'kind must be http_api'],
    ['another way to sign in', { authMode: 'oauth2' }, 'authMode must be header_token or none'],
    ['no way to sign in', { authMode: undefined }, 'authMode'],
    ['no address', { baseUrl: undefined }, 'baseUrl is missing'],
    [
      'an address with a place to fill in',
      { baseUrl: 'https://<tenant-host>/api/tenant/v1/' },
      'baseUrl must be an http or https address',
    ],
    ['an address with a user', { baseUrl: `https://${canary}@api.example.com/v1/` }, 'baseUrl must have no user'],
    ['an address with a query', { baseUrl: `https://api.example.com/v1/?key=${canary}` }, 'baseUrl must have no user'],
    ['a header of the message', { authHeaderName: 'Host' }, 'authHeaderName is a header of the message itself'],
    ['a secret behind its prefix', { authTokenPrefix: `Bearer ${canary}` }, 'authTokenPrefix must hold visible'],
    ['a name that no connection can have', { label: 'A/B' }, 'label must begin'],
    ['a secret', { authToken: canary }, 'authToken: a port holds no secret'],
    ['a secret by another name', { 'Client secret': canary }, 'Client secret: a port holds no secret'],
    ['what a connection cannot say', { retryPolicy: { value: canary } }, 'retryPolicy is nothing that a connection can say'],
    ['more of its publisher', { publisher: { slug: 'x', homepage: canary } }, 'publisher.homepage'],
    ['another hidden setting', { hiddenLocalConfig: ['authToken', 'clientId'] }, 'hiddenLocalConfig'],
  ])('refuses a port with %s by the name of the field, makes nothing, and shows no value', async (_what, change, told) => {
    const before = await names();
    for (const content of [{ ...local(), label: 'Refused', ...change }, { port: { ...local(), label: 'Refused', ...change } }]) {
      const { code, out, err } = await run(content, '--token-env', 'PROVIDER_KEY');
      expect([code, out, err]).toEqual([2, '', expect.stringContaining(told)]);
    }
    expect(await names()).toEqual(before);
  });

  it('refuses a file that is no object, and a secret that nothing holds', async () => {
    expect(await run('[]')).toMatchObject({ code: 2, err: expect.stringContaining('must hold an object') });
    expect(await run({ port: 'x' })).toMatchObject({ code: 2, err: expect.stringContaining('kind') });
    expect(await run(local())).toMatchObject({ code: 2, err: expect.stringContaining('--token-env is missing') });
    expect(await run(local(), '--token-env', 'NOT_SET')).toMatchObject({
      code: 2,
      err: expect.stringContaining('NOT_SET is not set'),
    });
  });
});
