import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startPlatform, type SeededKey, type SeededTenant, type TestPlatform } from '../support/platform.js';
import { defaultAnswer, startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai, until, user } from '../support/relay.js';

const mebibyte = 1024 * 1024;

let platform: TestPlatform;
let provider: RecordingProvider;
let tenant: SeededTenant;
let key: SeededKey;
let database: pg.Client;

beforeAll(async () => {
  provider = await startRecordingProvider();
  platform = await startPlatform({ settings: { GT_MAX_REPLIES_BYTES: String(30 * mebibyte) } });
  tenant = await platform.factory.tenant('recorded', provider.url);
  key = await platform.factory.key(tenant);
  database = new pg.Client({ connectionString: platform.app.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await platform.close();
  await provider.close();
});
beforeEach(() => provider.answerWith(defaultAnswer));

const chats = () => openai(platform.app.baseUrl, key).chat.completions;
const asked = { model: 'assistant', messages: [user('one')] };

describe('an answer that is stored', () => {
  it('is told as it comes and waits for the database at its end only; one that is not stored never waits', async () => {
    await database.query('begin; lock table stored_completions in exclusive mode');
    const events = (await chats().create({ ...asked, store: true, stream: true }))[Symbol.asyncIterator]();
    const said: unknown[] = [];
    for (let isFinished = false; !isFinished;) {
      const { value } = await events.next();
      const [choice] = value.choices;
      said.push(choice?.delta.content);
      isFinished = choice?.finish_reason === 'stop';
    }
    expect(said).toContain('Answer to one');
    let isOver = false;
    const end = events.next().then(({ done }) => (isOver = done === true));
    expect((await chats().create(asked)).choices[0]?.message.content).toBe('Answer to one');
    expect(isOver).toBe(false);
    await database.query('rollback');
    expect(await end).toBe(true);
    expect(await platform.factory.run((tx) => tx.storedCompletion.count())).toBe(1);
  });

  it.each([false, true])('says nothing of the provider, neither its id nor its model (stream: %s)', async (stream) => {
    const { secret } = (key = await platform.factory.key(tenant));
    const reply = await fetch(`${platform.app.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...asked, store: true, stream }),
    });
    const text = await reply.text();
    const find = `select model || completion::text || messages::text || metadata::text as kept from stored_completions where key_id = $1`;
    const { rows } = await database.query<{ kept: string }>(find, [key.id]);
    expect(rows).toHaveLength(1);
    for (const kept of [text, rows[0]?.kept]) {
      expect(kept).toContain('Answer to one');
      expect(kept).not.toMatch(/"chatcmpl-1"|provider-model|sandbox-chat/);
    }
  });
});

describe('a long text that is read slowly', () => {
  /** Asks and reads nothing but the head of the answer. */
  const ask = (path: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${key.secret}` };
      const outgoing = httpRequest(new URL(platform.app.baseUrl + path), { headers, agent: false });
      outgoing.once('response', (response) => resolve(response.pause())).once('error', reject);
      outgoing.end();
    });
  const bytesOf = async (response: IncomingMessage): Promise<number> => {
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    return bytes;
  };
  /** Asks until there is room: what was taken before is given back a moment after its client has it. */
  const untilTaken = (path: string): Promise<IncomingMessage> =>
    until('there is room for it', async () => {
      const response = await ask(path);
      if (response.statusCode === 200) return response;
      response.resume();
      return undefined;
    });
  const long = 'x'.repeat(15 * mebibyte);

  it.each([
    [
      'completion',
      async () => {
        const tools = [{ type: 'function' as const, function: { name: 'f', description: long } }];
        return `/chat/completions/${(await chats().create({ ...asked, store: true, tools })).id}`;
      },
    ],
    [
      'message',
      async () => `/chat/completions/${(await chats().create({ ...asked, store: true, messages: [user(long)] })).id}/messages`,
    ],
    [
      'response',
      async () => {
        await platform.factory.wire(tenant, 'chat');
        const { responses } = openai(platform.app.baseUrl, key);
        return `/responses/${(await responses.create({ model: 'assistant', input: 'one', instructions: long })).id}`;
      },
    ],
  ])('counts against the tenant until its client has it (%s)', async (_what, store) => {
    const path = await until('it is stored', store);
    const slow = await untilTaken(path);
    const refused = await ask(path);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1']);
    expect((await chats().create(asked)).choices).toHaveLength(1);
    expect(await bytesOf(slow)).toBeGreaterThan(long.length);
    await bytesOf(await untilTaken(path));
  });
});
