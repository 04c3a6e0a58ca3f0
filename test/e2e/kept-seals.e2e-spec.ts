import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { reply, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai, post, until } from '../support/relay.js';

type Item = Record<string, unknown>;

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;
let key: SeededKey;
let turn: readonly Item[];
/** Two responses one after the other, that brought and keep more sealed thoughts than one request may bring. */
let chain: string;
const inEach = 2_100;

/** A tenant whose provider speaks chat alone, tells what it thinks, and remembers what it was asked. */
beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform();
  tenant = await platform.factory.tenant('keeping', provider.url, { context_tokens: 1_000_000 });
  await platform.factory.wire(tenant, 'chat');
  key = await platform.factory.key(tenant);
  provider.answerWith((body, response) => reply(response, body, { reasoning_content: 'Hm.', content: 'Done.' }));
  const { output } = (await ask({ input: 'Hi', store: false })).body as unknown as { readonly output: Item[] };
  turn = [{ role: 'user', content: 'Hi' }, ...output];
  const first = await ask({ input: turns(inEach) });
  const second = await ask({ input: turns(inEach), previous_response_id: first.body['id'] });
  chain = String(second.body['id']);
}, 120_000);
afterAll(async () => {
  await platform.close();
  await provider.close();
});

const turns = (count: number): Item[] => Array.from({ length: count }, () => turn).flat();
const ask = async (body: object, path = '/responses', headers: Record<string, string> = {}) => {
  const url = platform.app.baseUrl + path;
  const answer = await post({ url, secret: key.secret, body: { model: 'raw-chat', ...body }, headers });
  const left = answer.headers.get('x-gt-items-left-out');
  return { status: answer.status, left, body: (await answer.json()) as Record<string, unknown> };
};
const thoughts = (): number => (provider.bodies.at(-1)?.messages ?? []).filter((one) => 'reasoning_content' in one).length;

describe('thoughts that are kept, more than one request may bring', () => {
  it('all go back to their model', async () => {
    const { status } = await ask({ input: 'More', previous_response_id: chain, store: false });
    expect([status, thoughts()]).toEqual([200, 2 * inEach + 2]);
  });

  it('go back with what the request itself brings', async () => {
    const { status } = await ask({ input: turns(100), previous_response_id: chain, store: false });
    expect([status, thoughts()]).toEqual([200, 2 * inEach + 102]);
  });

  it('go back from a conversation, to a response and to a chat', async () => {
    const model = 'assistant';
    await ask({ model, input: turns(300), conversation: 'long' });
    await ask({ model, input: 'More', conversation: 'long' });
    expect(thoughts()).toBe(301);
    const asked = { model, messages: [{ role: 'user', content: 'More' }] };
    const { status } = await ask(asked, '/chat/completions', { 'x-gt-conversation-id': 'long' });
    expect([status, thoughts()]).toEqual([200, 302]);
  });

  it('are judged for a response that a worker makes', async () => {
    const { status, body } = await ask({ input: 'More', previous_response_id: chain, background: true });
    expect([status, body['status']]).toEqual([200, 'queued']);
  });

  it('are left out, and those of the request, where the endpoint has left their model while the call waited', async () => {
    const database = new pg.Client({ connectionString: platform.app.databaseUrl });
    await database.connect();
    try {
      await database.query('begin; lock table responses in access exclusive mode');
      const answer = ask({ input: turns(200), previous_response_id: chain, store: false });
      const waiting = `select 1 from pg_locks where not granted and relation = 'responses'::regclass`;
      await until('the call waits', async () => (await database.query(waiting)).rowCount === 1);
      await platform.factory.run((tx) =>
        tx.endpoint.updateMany({ where: { tenantId: tenant.id, name: 'raw-chat' }, data: { model: 'newer' } }),
      );
      await platform.factory.alias(tenant, 'heard');
      const { models } = openai(platform.app.baseUrl, key);
      await until('the change is known', async () => (await models.list()).data.some(({ id }) => id === 'heard'));
      await database.query('rollback');
      const { status, left } = await answer;
      expect([status, left, provider.bodies.at(-1)?.['model'], thoughts()]).toEqual([200, 'reasoning', 'newer', 0]);
    } finally {
      await database.end();
    }
  });
});
