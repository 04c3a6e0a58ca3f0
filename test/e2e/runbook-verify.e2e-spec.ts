import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientHabits } from '../../src/catalog/runbooks/client-habits.js';
import type { RunbookVerification } from '../../src/contracts/runbook-verifications.js';
import { verifyRunbook } from '../../src/verification/verify.js';
import type { ClientRow, RunSetup } from '../../src/verification/run.js';
import { runCli, type CliRun } from '../support/cli.js';
import { FilesBench } from '../support/files.js';
import { runFolder } from '../support/postgres.js';
import { clientRow, clientRows, faultOf, sampledRows } from '../support/runbooks.js';

let bench: FilesBench;
const secrets = new Map<string, string>();

beforeAll(async () => {
  bench = await FilesBench.start();
  await bench.worker();
  for (const preset of ['openai-chat-client', 'chat-plus-embeddings', 'agentic-ide', 'platform-automation', 'dataset-upload'])
    secrets.set(preset, (await bench.key({ preset })).secret);
});
afterAll(() => bench.close());

/** Verifies a row as it is, or as a test has changed it. */
function verify(row: ClientRow, further: Partial<RunSetup> = {}): Promise<RunbookVerification> {
  const key = secrets.get(row.preset) ?? '';
  return verifyRunbook({ row, origin: bench.platform.app.url, key, mostCalls: 50, ...further });
}

const gt = (...args: string[]): Promise<CliRun> => {
  const { adminUrl, operatorToken } = bench.platform.app;
  return runCli(args, { GT_ADMIN_URL: adminUrl, GT_ADMIN_TOKEN: operatorToken });
};

/** The row with other habits of its client. */
function habits(slug: string, changed: Partial<ClientHabits>): ClientRow {
  const row = clientRow(slug);
  return { ...row, client: { ...row.client, ...changed } };
}

/** The row with another base URL in its settings. */
function configuredWith(slug: string, value: string): ClientRow {
  const row = clientRow(slug);
  return { ...row, baseUrl: { ...row.baseUrl, value } };
}

describe('a base URL of another form', () => {
  it.each([
    ['v1', 'cursor', '{{origin}}/api/tenant'],
    ['v1, with the version twice', 'openai-sdk-node', '{{origin}}/api/tenant/v1/v1'],
    ['root', 'big-agi', '{{origin}}/api/tenant/v1'],
    ['either', 'generic-openai-http', '{{origin}}/v1'],
    ['full', 'typingmind', '{{origin}}/api/tenant/v1'],
    ['host_plus_path', 'goose', '{{origin}}/api/tenant/v1'],
  ])('fails a client of the rule %s', async (_rule, slug, value) => {
    const verification = await verify(configuredWith(slug, value));
    expect(verification.outcome).toBe('fail');
    expect(faultOf(verification)).toMatchObject({ id: 'base_url', cause: 'base_url' });
  });

  it.each([
    ['append', 'cursor', 'append_v1'],
    ['append_v1', 'xcode', 'append'],
    ['add_v1_if_missing', 'cherry-studio', 'as_is'],
    ['as_is', 'typingmind', 'append'],
    ['host_and_path', 'goose', 'append'],
  ] as const)('fails a client that joins otherwise than by %s', async (_right, slug, joins) => {
    expect(faultOf(await verify(habits(slug, { joins })))).toMatchObject({ id: 'base_url', cause: 'base_url' });
  });

  it('is what the product has, and the cure what it should have', async () => {
    const { url } = bench.platform.app;
    const fault = faultOf(await verify(clientRow('cursor'), { configured: `${url}/v1` }));
    expect(fault).toEqual({
      id: 'base_url',
      cause: 'base_url',
      cure: `Configure the base URL ${url}/api/tenant/v1 in the product.`,
    });
  });

  it('passes in both forms where the runbook says either', async () => {
    for (const value of ['{{origin}}/api/tenant', '{{origin}}/api/tenant/v1'])
      expect(faultOf(await verify(configuredWith('generic-openai-http', value)))).toBeUndefined();
  });
});

describe('a header of another form', () => {
  it.each([
    ['name', { header: 'api-key', value: '{{api_key}}' }],
    ['scheme', { header: 'Authorization', value: 'Token {{api_key}}' }],
    ['value', { header: 'Authorization', value: '{{api_key}}' }],
  ])('fails a client with another %s', async (_what, auth) => {
    const fault = faultOf(await verify(habits('cursor', { auth })));
    expect(fault).toMatchObject({ id: 'auth_header', cause: 'auth_header' });
    expect(fault?.cure).toContain('Authorization: Bearer');
  });

  it('is told from a key that is not known', async () => {
    const unknown = 'gtak_0000000000000000000000000000000000000';
    expect(faultOf(await verify(clientRow('cursor'), { key: unknown }))).toMatchObject({ id: 'key', cause: 'invalid_key' });
  });
});

describe('a habit of streaming that does not go with the answer', () => {
  const { chat, streaming } = clientRow('cursor').client;
  const never = { ...streaming, use: 'never' } as const;
  const adds = (more: ClientHabits['chat']['adds']): Partial<ClientHabits> => ({ chat: { ...chat, adds: more } });

  it.each<[string, ClientRow]>([
    ['waits for a stream that it does not ask for', habits('jan', adds({ stream: false }))],
    ['reads a whole answer of a stream', habits('make', adds({ stream: true }))],
    ['waits for usage that it does not ask for', habits('cursor', adds({ stream_options: { include_usage: false } }))],
    ['never streams in a product that has to', habits('cursor', { streaming: never })],
  ])('fails a client that %s', async (_what, row) => {
    expect(faultOf(await verify(row))).toMatchObject({ id: 'answer', cause: 'streaming' });
  });
});

describe('a body that is refused', () => {
  it('fails the client that sends it', async () => {
    const { chat } = clientRow('cursor').client;
    const row = habits('cursor', { chat: { ...chat, adds: { messages: 'none' } } });
    expect(faultOf(await verify(row))).toMatchObject({ id: 'answer', cause: 'body' });
  });
});

describe('what a key may do', () => {
  it('fails a key without the scope of what the product always calls, and names the preset', async () => {
    const fault = faultOf(await verify(clientRow('cursor'), { key: secrets.get('dataset-upload') ?? '' }));
    expect(fault).toMatchObject({ id: 'key', cause: 'scope' });
    expect(fault?.cure).toContain('openai-chat-client');
  });

  it('fails a key that grants what no route of the product needs', async () => {
    const verification = await verify(clientRow('cursor'), { key: secrets.get('agentic-ide') ?? '' });
    expect(faultOf(verification)).toMatchObject({ id: 'scopes', cause: 'scopes_too_wide' });
    expect(verification.scopes).toEqual({
      granted: expect.arrayContaining(['inference:chat', 'responses:read', 'responses:write']),
      exercised: ['inference:chat'],
      unused: ['responses:read', 'responses:write'],
      narrowest_preset: 'openai-chat-client',
    });
  });

  it('skips what the key cannot show, with the reason', async () => {
    const { steps } = await verify(clientRow('curl'), { key: secrets.get('platform-automation') ?? '' });
    expect(steps.find(({ id }) => id === 'refusal')).toMatchObject({ outcome: 'skipped', cause: null });
  });

  it('fails a name that the key may not use', async () => {
    expect(faultOf(await verify(clientRow('cursor'), { model: 'nobody' }))).toMatchObject({ id: 'alias', cause: 'model' });
  });
});

describe('the number of requests', () => {
  it.each([3, 5, 20])('is at most %d, and what is left out is skipped', async (mostCalls) => {
    const { calls, steps } = await verify(clientRow('curl'), { mostCalls });
    expect(calls).toBeLessThanOrEqual(mostCalls);
    if (mostCalls < 20) expect(steps.some(({ detail }) => detail.includes(`at most ${mostCalls} requests`))).toBe(true);
  });
});

const rows = process.env['GT_TEST_SOAK'] === '1' ? clientRows : sampledRows();

describe('gt runbook verify', () => {
  it('passes for every product that has a client, with keys of its own that it takes back', async () => {
    const junit = join(mkdtempSync(join(runFolder(), 'verify-')), 'junit.xml');
    const keysOf = async () => (await bench.platform.app.admin('GET', '/keys?tenant=acme&limit=100')).body.data.length as number;
    const before = await keysOf();
    const everything = rows.length === clientRows.length;
    for (const args of everything ? [['--all']] : rows.map(({ slug }) => [slug])) {
      const run = await gt('runbook', 'verify', ...args, '--emulator', '--tenant', 'acme', '--junit', junit, '--json');
      expect({ args, code: run.code, err: run.err, out: run.code === 0 ? '' : run.out }).toEqual({
        args,
        code: 0,
        err: '',
        out: '',
      });
      const answer = JSON.parse(run.out) as RunbookVerification & { readonly data?: readonly RunbookVerification[] };
      for (const verification of answer.data ?? [answer]) {
        expect(verification).toMatchObject({ outcome: 'pass', way: 'emulator' });
        expect(verification.calls).toBeLessThanOrEqual(20);
        expect(verification.scopes?.unused).toEqual([]);
      }
    }
    expect(readFileSync(junit, 'utf8')).toMatch(/^<\?xml[^]*<testsuites name="gt runbook verify" tests="\d+" failures="0"/);
    expect(await keysOf()).toBe(before);
    expect((await bench.platform.app.admin('GET', '/files?tenant=acme&limit=10')).body.data).toEqual([]);
  }, 300_000);

  it('fails with the step, its cause and its cure, and never shows the key', async () => {
    const { url } = bench.platform.app;
    const key = secrets.get('agentic-ide') ?? '';
    const run = await gt('runbook', 'verify', 'cursor', '--base-url', url, '--key', key);
    expect(run.code).toBe(1);
    expect(run.out).toMatch(/FAIL +The scopes of the key/);
    expect(run.out).toMatch(/Cause: scopes_too_wide\. Cure: /);
    expect(run.out + run.err).not.toContain(key);
  });

  it.each([
    ['a product without a runbook', ['nobody'], 'There is no runbook'],
    ['a product that is no client', ['gemini-cli'], 'is no client'],
    ['no product at all', [], 'Name a product'],
    ['a record of one product', ['cursor', '--record'], '--record goes with --all'],
  ])('refuses %s', async (_what, args, told) => {
    const run = await gt('runbook', 'verify', ...args);
    expect([run.code, run.err]).toEqual([2, expect.stringContaining(told)]);
  });
});
