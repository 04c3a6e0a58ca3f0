import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { toFile } from 'openai';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { runFolder } from '../support/postgres.js';
import { openai, post } from '../support/relay.js';

/** What a key has made, by which a body can name it. */
type Kind =
  | ('response' | 'item' | 'conversation' | 'conversationFile')
  | ('file' | 'batchFile' | 'tuningFile' | 'part' | 'store' | 'dataset');
type Made = Readonly<Record<Kind, string>>;

let platform: TestPlatform;
let key: SeededKey;
/** Of another key of the tenant, and of a key of another tenant. */
const made = new Map<string, Made>();
/** Of the key itself. */
let mine: Made & { readonly upload: string };

beforeAll(async () => {
  platform = await startPlatform({ settings: { GT_DATA_DIR: mkdtempSync(join(runFolder(), 'foreign-ids-')) } });
  const { factory, acme, sandbox, app } = platform;
  await app.admin('PATCH', `/connections/${acme.connectionId}`, { tenant: 'acme', fine_tuning: 'on' });
  key = await factory.key(acme);
  await factory.run((tx) => tx.key.updateMany({ where: { id: key.id }, data: { datasets: ['*'] } }));
  mine = await make(key, 'acme', 'mine');
  made.set('another key', await make(await factory.key(acme), 'acme', 'neighbours'));
  const other = await factory.tenant('foreign', `${sandbox.url}/v1`);
  made.set('another tenant', await make(await factory.key(other), 'foreign', 'theirs'));
});
afterAll(() => platform.close());

async function make(owner: SeededKey, tenant: string, alias: string): Promise<typeof mine> {
  const client = openai(platform.app.baseUrl, owner);
  const { id: response, output } = await client.responses.create({ model: 'assistant', input: 'hello' });
  const { id: conversation } = await client.conversations.create();
  const stored = async (purpose: 'user_data' | 'batch' | 'fine-tune'): Promise<string> =>
    (await client.files.create({ file: await toFile(Buffer.from('{}'), 'a.jsonl'), purpose })).id;
  const form = new FormData();
  form.append('conversation_id', conversation);
  form.append('file', new Blob(['A text.']), 'a.txt');
  const { id: conversationFile } = await client.post<{ id: string }>('/conversations/files', { body: form });
  const data = await toFile(Buffer.from('a'), 'part');
  const whole = { filename: 'a.txt', purpose: 'user_data', bytes: 1, mime_type: 'text/plain' } as const;
  const { id: upload } = await client.uploads.create(whole);
  const { id: part } = await client.uploads.parts.create(upload, { data });
  const embedding = { connection: 'main', model: 'sandbox-embed' };
  const { body } = await platform.app.admin('POST', '/datasets', { tenant, alias, embedding });
  return {
    ...{ response, item: output[0]?.id ?? '', conversation, conversationFile, upload, part, dataset: body.id as string },
    file: await stored('user_data'),
    batchFile: await stored('batch'),
    tuningFile: await stored('fine-tune'),
    store: (await client.vectorStores.create({})).id,
  };
}

type Place = readonly [path: string, kind: Kind, body: (id: string) => object];

const answering: readonly (readonly [string, object])[] = [
  ['/responses', {}],
  ['/responses', { background: true }],
  ['/responses', { stream: true }],
  ['/responses/compact', {}],
  ['/responses/input_tokens', {}],
];
const user = (part: object) => [{ role: 'user', content: [part] }];
const search = (...ids: string[]) => ({ input: 'x', tools: [{ type: 'file_search', vector_store_ids: ids }] });

/** What belongs to one key alone. */
const ofKeys: readonly Place[] = [
  ...answering.flatMap(([path, more]): Place[] => [
    [path, 'response', (id) => ({ ...more, input: 'x', previous_response_id: id })],
    [path, 'item', (id) => ({ ...more, input: [{ type: 'item_reference', id }] })],
    [path, 'conversation', (id) => ({ ...more, input: 'x', conversation: id })],
    [path, 'conversation', (id) => ({ ...more, input: 'x', conversation: { id } })],
    [path, 'conversationFile', (id) => ({ ...more, input: user({ type: 'input_file', file_id: id }) })],
  ]),
  ['/chat/completions', 'conversationFile', (id) => ({ messages: user({ type: 'file', file: { file_id: id } }) })],
];

/** What belongs to a tenant. */
const ofTenants: readonly Place[] = [
  ...answering.flatMap(([path, more]): Place[] => [
    [path, 'file', (id) => ({ ...more, input: user({ type: 'input_file', file_id: id }) })],
    [path, 'file', (id) => ({ ...more, input: user({ type: 'input_image', file_id: id }) })],
  ]),
  ...answering
    .filter(([path]) => path === '/responses')
    .flatMap(([path, more]): Place[] => [
      [path, 'store', (id) => ({ ...more, ...search(id) })],
      [path, 'store', (id) => ({ ...more, ...search(mine.store, id) })],
      [path, 'dataset', (id) => ({ ...more, ...search(id) })],
      [path, 'store', (id) => ({ ...more, ...search(id), tool_choice: 'none' })],
    ]),
  ['/chat/completions', 'file', (id) => ({ messages: user({ type: 'file', file: { file_id: id } }) })],
  ['/chat/completions', 'file', (id) => ({ stream: true, messages: user({ type: 'file', file: { file_id: id } }) })],
  ['/batches', 'batchFile', (id) => ({ input_file_id: id, endpoint: '/v1/responses', completion_window: '24h' })],
  ['/vector_stores', 'file', (id) => ({ file_ids: [mine.file, id] })],
  ['/vector_stores/STORE/files', 'file', (id) => ({ file_id: id })],
  ['/vector_stores/STORE/file_batches', 'file', (id) => ({ file_ids: [mine.file, id] })],
  ['/vector_stores/STORE/file_batches', 'file', (id) => ({ files: [{ file_id: mine.file }, { file_id: id }] })],
  ['/fine_tuning/jobs', 'tuningFile', (id) => ({ model: 'raw-chat', training_file: id })],
  ['/fine_tuning/jobs', 'tuningFile', (id) => ({ model: 'raw-chat', training_file: mine.tuningFile, validation_file: id })],
  ['/uploads/UPLOAD/complete', 'part', (id) => ({ part_ids: [id] })],
];

const models = ['/responses', '/chat'];

async function ask(path: string, body: object): Promise<{ readonly status: number; readonly text: string }> {
  const at = path.replace('STORE', mine.store).replace('UPLOAD', mine.upload);
  const model = models.some((one) => path.startsWith(one)) ? { model: 'assistant' } : {};
  const reply = await post({ url: platform.app.baseUrl + at, secret: key.secret, body: { ...model, ...body } });
  return { status: reply.status, text: await reply.text() };
}

const namesOf = (places: readonly Place[]) => places.map((place) => [place[0], place[1], place] as const);
/** The same form and length: only what it names differs. */
const absentOf = (id: string): string => id.slice(0, -6) + (id.endsWith('aaaaaa') ? 'bbbbbb' : 'aaaaaa');

describe.each([
  ['another key', ofKeys],
  ['another tenant', [...ofKeys, ...ofTenants]],
] as const)('an id of %s in a body', (owner, places) => {
  it.each(namesOf(places))('of %s, a %s, is answered like an absent one', async (path, kind, [, , body]) => {
    const foreign = made.get(owner)?.[kind] ?? '';
    const absent = absentOf(foreign);
    const [given, none] = [await ask(path, body(foreign)), await ask(path, body(absent))];
    expect(given.status).toBeGreaterThanOrEqual(400);
    expect([given.status, given.text.replaceAll(foreign, '<id>')]).toEqual([none.status, none.text.replaceAll(absent, '<id>')]);
  });
});

describe('an id of the tenant’s own in a body', () => {
  // Each place really looks for what it names.
  it.each(namesOf(ofTenants))('of %s, a %s, is found', async (path, kind, [, , body]) => {
    expect((await ask(path, body(absentOf(mine[kind])))).status).toBeGreaterThanOrEqual(400);
    expect((await ask(path, body(mine[kind]))).status).toBe(200);
  });
});
