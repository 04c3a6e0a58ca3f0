import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routeIds, routeRow } from '../../src/catalog/routes.js';
import { FilesBench } from '../support/files.js';
import { newKey, readAnswer, type KeyedAnswer } from '../support/idempotency.js';
import { storePosts, tuningPosts, type Post, type Posts } from '../support/repeatable-posts.js';
import { until } from '../support/until.js';

let bench: FilesBench;
let key: { readonly id: string; readonly secret: string };
beforeAll(async () => {
  bench = await FilesBench.start();
  key = await bench.key();
});
afterAll(() => bench.close());

const count = (work: Parameters<typeof bench.platform.factory.run<number>>[0]): Promise<number> =>
  bench.platform.factory.run(work);
const rows = {
  files: () => count((tx) => tx.file.count()),
  uploads: () => count((tx) => tx.upload.count()),
  conversations: () => count((tx) => tx.conversation.count()),
  items: (conversationId: string) => count((tx) => tx.conversationItem.count({ where: { conversationId } })),
  waiting: (id: string) => count((tx) => tx.file.count({ where: { id, state: 'stored' } })),
  changed: (id: string) => count((tx) => tx.conversation.count({ where: { id, title: 'changed' } })),
  completions: () => count((tx) => tx.storedCompletion.count()),
  relabelled: (id: string) => count((tx) => tx.storedCompletion.count({ where: { id, metadata: { equals: { a: 'b' } } } })),
  responses: () => count((tx) => tx.response.count()),
  queued: () => count((tx) => tx.backgroundResponse.count()),
  cancelled: (id: string) => count((tx) => tx.backgroundResponse.count({ where: { id, state: 'cancelled' } })),
  batches: () => count((tx) => tx.batch.count()),
  cancelledBatches: (id: string) => count((tx) => tx.batch.count({ where: { id, status: 'cancelling' } })),
  running: () => count((tx) => tx.idempotentRequest.count({ where: { state: 'running' } })),
};

const user = (text: string): object => ({ role: 'user', content: text });
const uploadBody = { filename: 'a.txt', purpose: 'user_data', bytes: 9, mime_type: 'text/plain' };
const upload = async (): Promise<string> =>
  ((await bench.call(key.secret, 'POST', '/uploads', uploadBody)).body as { id: string }).id;
const partForm = (): FormData => {
  const data = new FormData();
  data.append('data', new Blob(['some text']), 'a');
  return data;
};
const form = (purpose?: string): FormData => {
  const data = new FormData();
  data.append('file', new Blob(['some text']), 'a.txt');
  if (purpose !== undefined) data.append('purpose', purpose);
  return data;
};

/** A request that is a form of its own, with a file in this field. */
const heardOrSeen = (field: string): FormData => {
  const data = new FormData();
  data.set('model', 'raw-chat');
  data.set('prompt', 'hello');
  data.append(field, new Blob(['some bytes']), 'a.bin');
  return data;
};
const conversation = async (): Promise<string> =>
  ((await bench.call(key.secret, 'POST', '/conversations', {})).body as { id: string }).id;
const batchInput = async (): Promise<string> =>
  (await bench.accepted(key.secret, '/files', { name: 'a.jsonl', bytes: '{}', fields: { purpose: 'batch' } })).id;
const batchOf = (input_file_id: string): object => ({ input_file_id, endpoint: '/v1/embeddings', completion_window: '24h' });
const stored = (stream: boolean): { path: string; body: object } => ({
  path: '/chat/completions',
  body: { model: 'raw-chat', store: true, stream, messages: [user('hello')] },
});
const completion = async (): Promise<string> =>
  ((await bench.call(key.secret, 'POST', '/chat/completions', stored(false).body)).body as { id: string }).id;

const turn = (stream: boolean): Post => ({
  prepare: conversation,
  send: (id) => ({
    path: '/chat/completions',
    body: { model: 'assistant', stream, messages: [user('hello')] },
    headers: { 'x-gt-conversation-id': id },
  }),
  made: rows.items,
});

const asker = { bench: () => bench, secret: () => key.secret };
/** One entry for each POST of the table; a new row without one fails below. */
const posts: Posts = {
  ...storePosts(asker),
  ...tuningPosts(asker),
  'chat.completions.create': [
    turn(false),
    turn(true),
    { send: () => ({ path: '/chat/completions', body: { model: 'raw-chat', messages: [user('hello')] } }) },
    { send: () => stored(false), made: rows.completions },
    { send: () => stored(true), made: rows.completions },
  ],
  'chat.completions.update': [
    {
      prepare: completion,
      send: (id) => ({ path: `/chat/completions/${id}`, body: { metadata: { a: 'b' } } }),
      made: rows.relabelled,
    },
  ],
  'completions.create': [{ send: () => ({ path: '/completions', body: { model: 'raw-chat', prompt: 'hello' } }) }],
  'embeddings.create': [{ send: () => ({ path: '/embeddings', body: { model: 'assistant', input: 'hello' } }) }],
  'images.generate': [{ send: () => ({ path: '/images/generations', body: { model: 'raw-chat', prompt: 'hello' } }) }],
  'audio.speech.create': [
    { send: () => ({ path: '/audio/speech', body: { model: 'raw-chat', input: 'hello', voice: 'alloy' } }) },
  ],
  'audio.transcriptions.create': [{ send: () => ({ path: '/audio/transcriptions', body: heardOrSeen('file') }) }],
  'audio.translations.create': [{ send: () => ({ path: '/audio/translations', body: heardOrSeen('file') }) }],
  'images.edit': [{ send: () => ({ path: '/images/edits', body: heardOrSeen('image') }) }],
  'images.vary': [{ send: () => ({ path: '/images/variations', body: heardOrSeen('image') }) }],
  'responses.create': [
    { send: () => ({ path: '/responses', body: { model: 'raw-chat', input: 'hello' } }), made: rows.responses },
    { send: () => ({ path: '/responses', body: { model: 'raw-chat', input: 'hello', stream: true } }), made: rows.responses },
    { send: () => ({ path: '/responses', body: { model: 'raw-chat', input: 'hello', background: true } }), made: rows.queued },
  ],
  'responses.cancel': [
    {
      prepare: async () => {
        const body = { model: 'raw-chat', input: 'hello', background: true };
        return ((await bench.call(key.secret, 'POST', '/responses', body)).body as { id: string }).id;
      },
      send: (id) => ({ path: `/responses/${id}/cancel`, body: {} }),
      made: rows.cancelled,
    },
  ],
  'responses.compact': [{ send: () => ({ path: '/responses/compact', body: { model: 'raw-chat', input: 'hello' } }) }],
  'responses.input_tokens': [{ send: () => ({ path: '/responses/input_tokens', body: { model: 'raw-chat', input: 'hello' } }) }],
  'batches.create': [{ prepare: batchInput, send: (id) => ({ path: '/batches', body: batchOf(id) }), made: rows.batches }],
  'batches.cancel': [
    {
      prepare: async () =>
        ((await bench.call(key.secret, 'POST', '/batches', batchOf(await batchInput()))).body as { id: string }).id,
      send: (id) => ({ path: `/batches/${id}/cancel`, body: {} }),
      made: rows.cancelledBatches,
    },
  ],
  'moderations.create': [{ send: () => ({ path: '/moderations', body: { model: 'raw-chat', input: 'hello' } }) }],
  'conversations.create': [
    { send: () => ({ path: '/conversations', body: { metadata: { a: 'b' } } }), made: rows.conversations },
  ],
  'conversations.update': [
    {
      prepare: conversation,
      send: (id) => ({ path: `/conversations/${id}`, body: { title: 'changed' } }),
      made: rows.changed,
    },
  ],
  'conversations.items.create': [
    {
      prepare: conversation,
      send: (id) => ({ path: `/conversations/${id}/items`, body: { items: [{ type: 'message', ...user('hello') }] } }),
      made: rows.items,
    },
  ],
  'conversations.files.create': [{ send: () => ({ path: '/conversations/files', body: form() }), made: rows.files }],
  'datasets.files.create': [{ send: () => ({ path: '/datasets/handbook/files', body: form() }), made: rows.files }],
  'uploads.create': [{ send: () => ({ path: '/uploads', body: uploadBody }), made: rows.uploads }],
  'uploads.parts.create': [
    {
      prepare: upload,
      send: (id) => ({ path: `/uploads/${id}/parts`, body: partForm() }),
      made: (id) => count((tx) => tx.uploadPart.count({ where: { uploadId: id } })),
    },
  ],
  'uploads.complete': [
    {
      prepare: async () => {
        const id = await upload();
        const headers = { authorization: `Bearer ${key.secret}` };
        const reply = await fetch(`${bench.url}/uploads/${id}/parts`, { method: 'POST', headers, body: partForm() });
        return `${id} ${((await reply.json()) as { id: string }).id}`;
      },
      send: (ids) => ({ path: `/uploads/${ids.split(' ')[0]}/complete`, body: { part_ids: [ids.split(' ')[1]] } }),
      made: rows.files,
    },
  ],
  'uploads.cancel': [
    {
      prepare: upload,
      send: (id) => ({ path: `/uploads/${id}/cancel`, body: {} }),
      made: (id) => count((tx) => tx.upload.count({ where: { id, state: 'cancelled' } })),
    },
  ],
  'files.create': [{ send: () => ({ path: '/files', body: form('user_data') }), made: rows.files }],
  'datasets.search': [{ send: () => ({ path: '/datasets/handbook/search', body: { query: 'hello' } }) }],
  'files.reprocess': [
    {
      prepare: async () => {
        const { id } = await bench.accepted(key.secret, '/datasets/handbook/files', { name: 'x.txt', bytes: 'x' });
        await bench.platform.factory.run((tx) => tx.file.updateMany({ where: { id }, data: { state: 'failed' } }));
        return id;
      },
      send: (id) => ({ path: `/files/${id}/reprocess`, body: {} }),
      made: rows.waiting,
    },
  ],
};

const all = Object.entries(posts).flatMap(([id, calls]) =>
  calls.map((post, at): [string, Post] => [calls.length === 1 ? id : `${id} (${at + 1})`, post]),
);

/**
 * A process of its own for each takes long on two busy cores. `npm run test:soak` has them all; else there is one of each kind
 * of work: a row, a form with a file, a file of many parts, a turn and a stored answer in events, and what goes on behind it.
 */
const isSoak = process.env['GT_TEST_SOAK'] === '1';
const alone =
  /^(conversations\.create|datasets\.files\.create|uploads\.complete)$|^chat\.completions\.create \([25]\)|^responses\.create \(3\)/;
const killed = all.filter(([name, { made }]) => isSoak || (made !== undefined && alone.test(name)));
const brokenOff = all.filter(([name, { made }]) => made !== undefined && (isSoak || /^datasets\.files|^chat.*\(2\)/.test(name)));

async function send(baseUrl: string, post: Post, id: string, idempotencyKey: string): Promise<KeyedAnswer> {
  const { path, body, headers } = post.send(id);
  const isForm = body instanceof FormData;
  return readAnswer(
    await fetch(baseUrl + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key.secret}`,
        'idempotency-key': idempotencyKey,
        ...(isForm ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: isForm ? body : JSON.stringify(body),
    }),
  );
}

/** Sends to an API that kills itself at this point, and takes its run and its turn for dead at once. */
async function killedAt(point: string, post: Post, id: string, idempotencyKey: string): Promise<void> {
  const api = await bench.api({ GT_FAULT_POINT: point });
  await expect(send(`${api.url}/api/tenant/v1`, post, id, idempotencyKey)).rejects.toThrow();
  expect(await api.ended).toBe('SIGKILL');
  await bench.platform.factory.run(async (tx) => {
    await tx.$executeRaw`update idempotent_requests set alive_at = now() - interval '31 seconds' where state = 'running'`;
    await tx.$executeRaw`update uploads set beat_at = beat_at - interval '1 hour' where run is not null`;
    await tx.$executeRaw`update conversations set lease_owner = null, lease_until = null where lease_owner is not null`;
  });
}

it('every POST has its entry here', () => {
  const all = routeIds.filter((id) => routeRow(id).method === 'POST');
  expect(Object.keys(posts).sort()).toEqual([...all].sort());
});

describe('an API that is killed between the work of a POST and its answer', () => {
  it.each(killed)(
    '%s: the repeat under its Idempotency-Key finds what the first one made',
    async (_name, post) => {
      const id = (await post.prepare?.()) ?? '';
      const idempotencyKey = newKey();
      const before = (await post.made?.(id)) ?? 0;
      await killedAt('idempotency.before-answer', post, id, idempotencyKey);
      const made = await post.made?.(id);
      const repeat = await send(bench.url, post, id, idempotencyKey);
      expect([repeat.status, repeat.replayed]).toEqual([200, post.made !== undefined]);
      if (post.made === undefined) return;
      expect(made).toBeGreaterThan(before);
      expect(await post.made(id)).toBe(made);
      const shape = await send(bench.url, post, (await post.prepare?.()) ?? '', newKey());
      expect(headersOf(repeat)).toEqual(headersOf(shape));
      expect(shapeOf(repeat.text)).toEqual(shapeOf(shape.text));
    },
    120_000,
  );
});

describe('an API that is killed before the commit of a POST', () => {
  it.each(brokenOff)(
    '%s: nothing is there, and the repeat makes it once',
    async (_name, post) => {
      const id = (await post.prepare?.()) ?? '';
      const idempotencyKey = newKey();
      const before = await post.made?.(id);
      await killedAt('idempotency.recorded', post, id, idempotencyKey);
      expect(await post.made?.(id)).toBe(before);
      const repeat = await send(bench.url, post, id, idempotencyKey);
      const made = await post.made?.(id);
      expect([repeat.status, repeat.replayed]).toEqual([200, false]);
      expect(made).toBeGreaterThan(before ?? 0);
      expect((await send(bench.url, post, id, idempotencyKey)).text).toBe(repeat.text);
      expect(await post.made?.(id)).toBe(made);
    },
    120_000,
  );
});

describe('a run that was taken for dead', () => {
  it('and comes to its commit after all is refused, and makes nothing', async () => {
    const [post] = posts['datasets.files.create'] ?? [];
    if (post === undefined) throw new Error('there is no upload');
    const before = await rows.files();
    const { late } = await bench.platform.factory.run(async (tx) => {
      await tx.$executeRaw`lock table files in exclusive mode`;
      const sent = send(bench.url, post, '', newKey());
      await until('it has its key', async () => (await rows.running()) === 1);
      await bench.platform.factory.run((other) =>
        other.idempotentRequest.updateMany({ where: { state: 'running' }, data: { owner: 'req_other' } }),
      );
      return { late: sent };
    });
    expect((await late).code).toBe('idempotency_in_progress');
    expect(await rows.files()).toBe(before);
  });
});

/** Headers of an answer, but for those that each reply has of its own. */
function headersOf({ headers }: KeyedAnswer): string[] {
  const own = /^(date|x-.*request-id|idempotent-replayed|content-length|transfer-encoding|connection|keep-alive)$/;
  return [...headers.keys()].filter((name) => !own.test(name)).sort();
}

/** The members of a JSON answer or of a stream's events, without their values. */
function shapeOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(':'))
    .map((line) => line.replace(/^data: /, ''))
    .map((line) => (line.startsWith('{') ? Object.keys(JSON.parse(line) as object).join() : line));
}
