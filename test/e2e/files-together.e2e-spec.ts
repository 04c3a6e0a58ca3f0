import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiReply } from '../support/app.js';
import { FilesBench, type Content } from '../support/files.js';
import { until } from '../support/until.js';

/*
 * Uploads of a tenant that come while a row of it is written share a transaction. The first one is held up here by the lock
 * that equal uploads of a key share; what comes meanwhile gathers behind it.
 */
let bench: FilesBench;
let key: { readonly id: string; readonly secret: string };

const path = '/datasets/handbook/files';
const first: Content = { name: 'first.txt', bytes: 'The first one.' };

beforeAll(async () => {
  bench = await FilesBench.start();
  key = await bench.key();
});
afterAll(() => bench.close());

function contents(): number {
  const entries = readdirSync(join(bench.dataDir, 'files'), { recursive: true, withFileTypes: true });
  return entries.filter(({ name }) => name.startsWith('obj_')).length;
}

interface Together {
  /** Runs when the contents are stored and no row of the holder's tenant is written that nothing limits. */
  readonly meanwhile?: () => Promise<void>;
  /** Who sends the first one, and where and how. */
  readonly held?: readonly [holder: typeof key, path: string, further: Partial<Content>];
  /** How many of the others are refused without waiting for the first one: their contents go at any time. */
  readonly refused?: number;
}

/** Sends all of them, the first one first. */
async function together(
  others: readonly (readonly [secret: string, path: string, content: Content])[],
  { meanwhile = () => Promise.resolve(), held: [holder, at, further] = [key, path, {}], refused = 0 }: Together = {},
): Promise<ApiReply[]> {
  const before = contents();
  const name = `gt-upload ${holder.id} ${createHash('sha256').update(first.bytes).digest('hex')}`;
  const replies = bench.platform.factory.run(async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
    const held = bench.upload(holder.secret, at, { ...first, ...further });
    await until('the first content is stored', () => contents() === before + 1);
    const sent = others.map((upload) => bench.upload(...upload));
    await until('all contents are stored', () => contents() >= before + 1 + others.length - refused);
    await meanwhile();
    return { all: [held, ...sent] };
  });
  return Promise.all((await replies).all);
}

const count = (from: number): number[] => Array.from({ length: 6 }, (_none, at) => from + at);
const named = (at: number): Content => ({ name: `${at}.txt`, bytes: `Number ${at}.` });

it('are written in fewer commits than there are files, each with its own values', async () => {
  const replies = await together(count(0).map((at) => [key.secret, path, named(at)]));
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
  expect(replies.map(({ body }) => [body.filename, body.bytes, body.status])).toEqual(
    [first, ...count(0).map(named)].map(({ name, bytes }) => [name, bytes.length, 'queued']),
  );
  const ids = replies.map(({ body }) => body.id as string);
  const [row] = await bench.platform.factory.run(
    (tx) =>
      tx.$queryRaw<{ commits: number }[]>`select count(distinct xmin::text)::int as commits from files where id = any (${ids})`,
  );
  expect(row?.commits).toBeLessThan(ids.length);
  for (const { body } of replies) expect(await bench.file(key.secret, body.id as string)).toEqual(body);
});

it('are judged each by itself: limits are exact, and what is refused leaves the others and no content', async () => {
  const few = await bench.key({ preset: 'dataset-upload', limits: { uploads_per_day: 2 } });
  const before = contents();
  const replies = await together(
    [
      ...count(10).map((at) => [few.secret, path, named(at)] as const),
      ...count(20).map((at) => [key.secret, path, named(at)] as const),
    ],
    { refused: 4 },
  );
  expect(
    replies
      .slice(1, 7)
      .map(({ status }) => status)
      .sort(),
  ).toEqual([200, 200, 429, 429, 429, 429]);
  expect(replies.slice(7).map(({ status }) => status)).toEqual(count(20).map(() => 200));
  expect(contents()).toBe(before + 9);
});

it('whose place goes meanwhile are not found, and the others are there', async () => {
  const dataset = await bench.dataset('leaving');
  const conversation = await bench.call(key.secret, 'POST', '/conversations', {});
  const conversationId = conversation.body.id as string;
  const before = contents();
  const replies = await together(
    [
      [key.secret, path, named(30)],
      [key.secret, '/datasets/leaving/files', named(31)],
      [key.secret, '/conversations/files', { ...named(32), headers: { 'x-gt-conversation-id': conversationId } }],
      [key.secret, path, named(33)],
    ],
    {
      meanwhile: async () => {
        expect((await bench.platform.app.admin('DELETE', `/datasets/${dataset.id}?tenant=acme`)).status).toBe(200);
        expect((await bench.call(key.secret, 'DELETE', `/conversations/${conversationId}`)).status).toBe(200);
      },
    },
  );
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 404, 404, 200]);
  expect(contents()).toBe(before + 3);
});

it('of a key that is deleted meanwhile are refused, and the others are there', async () => {
  const leaving = await bench.key({ preset: 'dataset-upload' });
  const replies = await together(
    [
      [leaving.secret, path, named(40)],
      [key.secret, path, named(41)],
    ],
    {
      meanwhile: async () => {
        await bench.platform.factory.run((tx) => tx.key.deleteMany({ where: { id: leaving.id } }));
      },
    },
  );
  expect(replies.map(({ status }) => status)).toEqual([200, 401, 200]);
});

it('of a tenant that is deleted meanwhile are refused, and leave no content', async () => {
  const { id } = await bench.otherTenant('leaving');
  const leaving = await bench.key({ tenant: 'leaving' });
  const before = contents();
  const further = { fields: { purpose: 'user_data' } };
  const replies = await together(
    [
      [leaving.secret, '/files', { ...named(50), ...further }],
      [key.secret, path, named(51)],
    ],
    {
      meanwhile: async () => {
        await bench.platform.factory.run((tx) => tx.tenant.deleteMany({ where: { id } }));
      },
      held: [leaving, '/files', further],
    },
  );
  expect(replies.map(({ status }) => status)).toEqual([401, 401, 200]);
  expect(contents()).toBe(before + 1);
});
