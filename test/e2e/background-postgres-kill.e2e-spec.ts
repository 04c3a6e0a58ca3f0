import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '../../src/platform/database/migrate.js';
import { FilesBench } from '../support/files.js';
import { heldAnswer } from '../support/held-answer.js';
import { KillablePostgres } from '../support/killable-postgres.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai } from '../support/relay.js';
import { until } from '../support/until.js';

const text = 'An answer whose commit nobody hears of.';

let postgres: KillablePostgres;
let provider: RecordingProvider;
let bench: FilesBench;

beforeAll(async () => {
  postgres = await KillablePostgres.start();
  await migrate(postgres.url);
  provider = await startRecordingProvider();
  bench = await FilesBench.start({}, postgres.url);
});
afterAll(async () => {
  await bench.close();
  await provider.close();
  await postgres.stop();
});

it('a response in the background that is kept, without its worker hearing of it, is kept and booked once', async () => {
  const key = await bench.platform.factory.key(await bench.platform.factory.tenant('answering', provider.url));
  const client = openai(bench.url, key);
  await bench.worker();
  const answer = heldAnswer(text);
  provider.answerWith(answer.answer);
  const { id } = await client.responses.create({ model: 'assistant', input: 'Hi', background: true });
  await until('all events up to now are stored', async () => {
    const row = await bench.platform.factory.run((tx) => tx.backgroundResponse.findFirst({ where: { id } }));
    return row?.lastNumber === 6;
  });
  await postgres.holdCommits();
  answer.release();
  await postgres.commitIsHeld('responses');
  await postgres.kill();
  await postgres.startAgain();
  const usage = await until('it is booked', async () => {
    const rows = await bench.platform.factory.run((tx) => tx.usageEvent.findMany({ where: { keyId: key.id } }));
    return rows.length > 0 ? rows.map(({ state }) => state) : undefined;
  });
  expect(usage).toEqual(['completed']);
  const done = await client.responses.retrieve(id);
  expect([done.status, done.error, done.output_text]).toEqual(['completed', null, text]);
  const ends: string[] = [];
  for await (const { type } of await client.responses.retrieve(id, { stream: true }))
    if (/^response\.(completed|failed|incomplete)$/.test(type)) ends.push(type);
  expect(ends).toEqual(['response.completed']);
  expect(provider.bodies).toHaveLength(1);
}, 120_000);
