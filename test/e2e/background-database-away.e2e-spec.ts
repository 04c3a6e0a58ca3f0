import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FilesBench } from '../support/files.js';
import { heldAnswer } from '../support/held-answer.js';
import type { SeededKey } from '../support/platform.js';
import { startProduct, type ProductProcess } from '../support/product-process.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai } from '../support/relay.js';
import { answerOf, message } from '../support/responses-provider.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const text = 'An answer that nobody can keep just now.';

let provider: RecordingProvider;
let bench: FilesBench;
let key: SeededKey;
let proxy: TcpProxy;
let worker: ProductProcess;

beforeAll(async () => {
  provider = await startRecordingProvider();
  bench = await FilesBench.start();
  const tenant = await bench.platform.factory.tenant('answering', provider.url);
  key = await bench.platform.factory.key(tenant);
  proxy = await TcpProxy.before(bench.platform.app.databaseUrl);
  worker = await startProduct('worker', { databaseUrl: proxy.url, dataDir: bench.dataDir });
});
afterAll(async () => {
  await worker.kill();
  await proxy.close();
  await bench.close();
  await provider.close();
});

/** The worker tries to reach its database, and tries again. */
async function triesAgain(): Promise<void> {
  const before = proxy.accepted;
  await until('the worker has looked for its database often', () => proxy.accepted >= before + 6);
}

/** The run has said nothing for longer than a dead one is given. */
const seemsDead = (id: string) =>
  until('the run seems dead', async () => {
    const sql = "select 1 from background_responses where id = $1 and beat_at < now() - interval '12 seconds'";
    return (await bench.platform.factory.run((tx) => tx.$queryRawUnsafe<object[]>(sql, id))).length > 0;
  });

const booked = (responses: number) =>
  until(`${responses} calls are booked`, async () => {
    const rows = await bench.platform.factory.run((tx) => tx.usageEvent.findMany({ where: { keyId: key.id } }));
    return rows.length >= responses ? rows.map(({ state, outputTokens }) => ({ state, outputTokens })) : undefined;
  });

describe('a response in the background whose worker loses its database at the end of the answer', () => {
  it.each([
    { how: 'cut', isLong: false, inConversation: false },
    { how: 'freeze', isLong: false, inConversation: true },
    { how: 'cut', isLong: true, inConversation: true },
  ] as const)(
    'is kept when it is back, once, with its usage ($how, for long: $isLong, in a conversation: $inConversation)',
    async ({ how, isLong, inConversation }) => {
      const client = openai(bench.url, key);
      const asked = provider.bodies.length;
      const answer = heldAnswer(text);
      provider.answerWith(answer.answer);
      const conversation = inConversation ? { conversation: (await client.conversations.create()).id } : {};
      const { id } = await client.responses.create({ model: 'assistant', input: 'Hi', background: true, ...conversation });
      await answer.begun();
      proxy[how]();
      answer.release();
      await triesAgain();
      if (isLong) await seemsDead(id);
      proxy.restore();
      const done = await until('it has ended', async () => {
        const response = await client.responses.retrieve(id);
        return response.status === 'queued' || response.status === 'in_progress' ? undefined : response;
      });
      expect([done.status, done.error, done.output_text]).toEqual(['completed', null, text]);
      const ends: string[] = [];
      const numbers: number[] = [];
      for await (const event of await client.responses.retrieve(id, { stream: true })) {
        numbers.push(event.sequence_number);
        if (/^response\.(completed|failed|incomplete)$/.test(event.type)) ends.push(event.type);
      }
      expect(ends).toEqual(['response.completed']);
      expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
      if (conversation.conversation !== undefined) {
        const { data } = await client.conversations.items.list(conversation.conversation, { order: 'asc' });
        expect(data.map((item) => ('role' in item ? item.role : item.type))).toEqual(['user', 'assistant']);
      }
      expect(provider.bodies).toHaveLength(asked + 1);
      const usage = await booked(asked + 1);
      expect(usage).toEqual(Array.from({ length: asked + 1 }, () => ({ state: 'completed', outputTokens: 5 })));
    },
    120_000,
  );
});

describe('a turn in the background whose worker loses its database for longer than the turn is held for it', () => {
  /** Each waits for a turn's time to be over: `npm run test:soak` has both. */
  const ways = process.env['GT_TEST_SOAK'] === '1' ? (['cut', 'freeze'] as const) : (['freeze'] as const);

  it.each(ways.map((how) => ({ how })))(
    'ends as failed when another turn has taken its place, and changes nothing of that one ($how)',
    async ({ how }) => {
      const client = openai(bench.url, key);
      const { id: conversation } = await client.conversations.create();
      const answer = heldAnswer(text);
      provider.answerWith(answer.answer);
      const { id } = await client.responses.create({ model: 'assistant', input: 'Hi', background: true, conversation });
      await answer.begun();
      proxy[how]();
      answer.release();
      const asked = provider.bodies.length;
      provider.answerWith(answerOf(message('Of another turn.')));
      const other = await client.responses.create({ model: 'assistant', input: 'Are you there?', conversation });
      expect(other.output_text).toBe('Of another turn.');
      proxy.restore();
      const failed = await until('it has ended', async () => {
        const response = await client.responses.retrieve(id);
        return response.status === 'queued' || response.status === 'in_progress' ? undefined : response;
      });
      expect([failed.status, failed.error?.code]).toEqual(['failed', 'server_error']);
      let last: string | undefined;
      for await (const event of await client.responses.retrieve(id, { stream: true })) last = event.type;
      expect(last).toBe('response.failed');
      const { data } = await client.conversations.items.list(conversation, { order: 'asc' });
      expect(data.map((item) => ('content' in item ? JSON.stringify(item.content) : item.type))).toEqual([
        expect.stringContaining('Are you there?'),
        expect.stringContaining('Of another turn.'),
      ]);
      expect(provider.bodies).toHaveLength(asked + 1);
    },
    120_000,
  );
});
