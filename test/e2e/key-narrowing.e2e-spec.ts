import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KeyExerciseReportObject, KeyNarrowingObject } from '../../src/contracts/key-exercise.js';
import type { Scope } from '../../src/contracts/scopes.js';
import { tokenOf } from '../support/admin.js';
import { refusal } from '../support/admin-fixture.js';
import { startApp, type ApiReply, type TestApp } from '../support/app.js';
import { startPlatform, type KeyOptions, type SeededKey, type TestPlatform } from '../support/platform.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
/** Another process on the same database. */
let second: TestApp;
let manager: string;

beforeAll(async () => {
  platform = await startPlatform();
  second = await startApp({ databaseUrl: platform.app.databaseUrl });
  manager = await tokenOf(platform.app, 'acme', 'manager');
  await admin('POST', '/datasets', { alias: 'handbook', embedding: { connection: 'main', model: 'sandbox-embed' } });
  await platform.factory.rawModel(platform.acme, 'vectors', 'sandbox-embed', ['embed']);
});
afterAll(async () => {
  await second.close();
  await platform.close();
});

const admin = (method: string, path: string, body?: object): Promise<ApiReply> => platform.app.admin(method, path, body, manager);
const newKey = async (options: KeyOptions = {}): Promise<SeededKey> => {
  const key = await platform.factory.key(platform.acme, options);
  await platform.factory.run((tx) => tx.key.updateMany({ where: { id: key.id }, data: { datasets: ['*'] } }));
  return key;
};

const report = async ({ id }: SeededKey, query = ''): Promise<KeyExerciseReportObject> => {
  const { status, body } = await admin('GET', `/keys/${id}/exercise${query}`);
  expect(status).toBe(200);
  return body as unknown as KeyExerciseReportObject;
};
const narrow = async ({ id }: SeededKey, body: object = {}): Promise<KeyNarrowingObject> => {
  const reply = await admin('POST', `/keys/${id}/narrow`, body);
  expect([reply.status, reply.body]).toEqual([200, expect.objectContaining({ object: 'key.narrowing', key: id })]);
  return reply.body as unknown as KeyNarrowingObject;
};
const scopesOf = async ({ id }: SeededKey): Promise<Scope[]> => (await admin('GET', `/keys/${id}`)).body.scopes as Scope[];

/** A call of the data plane, which can be made again. */
type Call = (key: SeededKey, app?: TestApp) => Promise<{ readonly status: number; readonly body: ApiReply['body'] }>;

const json =
  (method: string, path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Call =>
  async ({ secret }, app = platform.app) => {
    const response = await fetch(app.baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as ApiReply['body'] };
  };
const upload =
  (path: string, fields: Readonly<Record<string, string>> = {}, text = 'A text.', name = 'a.txt'): Call =>
  async ({ secret }, app = platform.app) => {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.append(field, value);
    form.append('file', new Blob([text]), name);
    const response = await fetch(app.baseUrl + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
      body: form,
    });
    return { status: response.status, body: (await response.json()) as ApiReply['body'] };
  };
const chat = json('POST', '/chat/completions', { model: 'raw-chat', messages: [{ role: 'user', content: 'hi' }] });
const embed = json('POST', '/embeddings', { model: 'vectors', input: 'hi' });

async function made(key: SeededKey, one: Call): Promise<string> {
  const { status, body } = await one(key);
  expect([status, body]).toEqual([200, expect.objectContaining({ id: expect.any(String) })]);
  return body.id as string;
}

/** Makes the calls, narrows the key, and makes them again at both processes. @returns what is left of the key. */
async function narrowedAfter(key: SeededKey, calls: readonly Call[]): Promise<readonly Scope[]> {
  for (const [at, one] of calls.entries()) expect([at, (await one(key)).status]).toEqual([at, 200]);
  const { after } = await narrow(key);
  expect(await narrow(key)).toMatchObject({ changed: false, before: after, after, removed: [] });
  await untilRefused(key);
  for (const app of [platform.app, second])
    for (const [at, one] of calls.entries()) expect([at, (await one(key, app)).status]).toEqual([at, 200]);
  return after;
}

/** A narrowed key may not do everything: `usage:read` is never needed here, and both processes know within a second. */
async function untilRefused(key: SeededKey): Promise<void> {
  for (const app of [platform.app, second])
    await until('the process obeys', async () => (await json('GET', '/usage')(key, app)).status === 403, 1_000);
}

describe('what a key exercised', () => {
  it('is held against what it may do, with the narrowest scopes and preset for it', async () => {
    const key = await newKey({ preset: 'multimodal-workspace' });
    for (const one of [chat, chat, embed, json('GET', '/models')]) await one(key);
    const shown = await report(key);
    expect(shown).toMatchObject({
      key: key.id,
      since: null,
      scopes: {
        granted: ['inference:chat', 'inference:embed', 'inference:image', 'inference:speech', 'inference:transcribe'],
        exercised: ['inference:chat', 'inference:embed'],
        unused: ['inference:image', 'inference:speech', 'inference:transcribe'],
      },
      narrowest: { scopes: ['inference:chat', 'inference:embed'], preset: 'chat-plus-embeddings' },
      links: [],
      linked_by: [],
    });
    expect(shown.until).toBeGreaterThan(Math.floor(Date.now() / 1000) - 10);
    expect(shown.data).toContainEqual(expect.objectContaining({ kind: 'route', value: 'chat.completions.create', calls: 2 }));
  });

  it('counts from the given time on alone', async () => {
    const key = await newKey({ preset: 'chat-plus-embeddings' });
    await chat(key);
    await embed(key);
    await report(key);
    const earlier = { tenantId: platform.acme.id, keyId: key.id, value: 'embeddings.create' };
    await platform.factory.run((tx) =>
      tx.keyExercise.updateMany({ where: earlier, data: { lastAt: new Date('2026-01-01T12:00:00Z') } }),
    );
    expect((await report(key, '?since=2026-01-01')).scopes.exercised).toEqual(['inference:chat', 'inference:embed']);
    expect(await report(key, '?since=2026-01-02')).toMatchObject({
      since: 1_767_312_000,
      scopes: { exercised: ['inference:chat'] },
    });
    expect(await narrow(key, { since: '2026-01-02', dry_run: true })).toMatchObject({
      since: 1_767_312_000,
      after: ['inference:chat'],
    });
    expect(refusal(await admin('GET', `/keys/${key.id}/exercise?since=soon`))).toEqual([400, 'invalid_value', 'since']);
  });
});

describe('narrowing', () => {
  it('shows in a dry run what it would take, then takes it in one step, says so in the audit, and again changes nothing', async () => {
    const key = await newKey({ preset: 'multimodal-workspace' });
    await chat(key);
    const before = ['inference:chat', 'inference:embed', 'inference:image', 'inference:speech', 'inference:transcribe'];
    const planned = await narrow(key, { dry_run: true });
    expect(planned).toMatchObject({
      changed: true,
      dry_run: true,
      before,
      after: ['inference:chat'],
      preset: 'openai-chat-client',
    });
    expect((await scopesOf(key)).sort()).toEqual(before);
    expect(await narrow(key)).toEqual({ ...planned, dry_run: false });
    expect(await scopesOf(key)).toEqual(['inference:chat']);
    for (const app of [platform.app, second])
      await until('every process obeys', async () => (await embed(key, app)).status === 403, 1_000);
    const audit = (await platform.app.admin('GET', '/audit?tenant=acme&limit=100')).body.data as {
      object_id: string;
      action: string;
      changes: object;
    }[];
    expect(audit.filter(({ object_id }) => object_id === key.id)).toMatchObject([
      { action: 'narrow', changes: { scopes: ['inference:chat'], removed: planned.removed, since: null } },
    ]);
    expect(await narrow(key)).toMatchObject({ changed: false, before: ['inference:chat'], after: ['inference:chat'] });
  });

  it('leaves the key whatever one of its calls needed, also what only the named files, stores and headers tell', async () => {
    const everything = await newKey();
    const foreign = await made(everything, upload('/datasets/handbook/files'));
    const tenantFile = await made(everything, upload('/files', { purpose: 'user_data' }));
    const batchFile = await made(
      everything,
      upload('/files', { purpose: 'batch' }, '{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{}}', 'a.jsonl'),
    );
    const store = await made(everything, json('POST', '/vector_stores', {}));
    const naming = { type: 'message', role: 'user', content: [{ type: 'input_file', file_id: tenantFile }] };
    const search = { type: 'file_search', vector_store_ids: [store] };
    const cases: readonly (readonly [string, readonly Call[], readonly Scope[]])[] = [
      ["another key's file of a dataset", [json('GET', `/files/${foreign}`)], ['datasets:read']],
      ['its reprocessing', [json('POST', `/files/${foreign}/reprocess`)], ['datasets:read', 'datasets:write']],
      ['an own one', [upload('/datasets/handbook/files')], ['datasets:write']],
      ['a file of the tenant', [json('GET', `/files/${tenantFile}`)], ['files:read']],
      [
        'a file named by a response',
        [json('POST', '/responses', { model: 'raw-chat', input: [naming] })],
        ['inference:chat', 'files:read'],
      ],
      [
        'a store searched by it',
        [json('POST', '/responses', { model: 'raw-chat', input: 'hi', tools: [search] })],
        ['inference:chat', 'vector_stores:read'],
      ],
      [
        'another model',
        [
          json(
            'POST',
            '/chat/completions',
            { model: 'assistant', messages: [{ role: 'user', content: 'hi' }] },
            { 'x-gt-model': 'sandbox-chat' },
          ),
        ],
        ['inference:chat', 'inference:override'],
      ],
      ['counted tokens', [json('POST', '/responses/input_tokens', { model: 'raw-chat', input: 'hi' })], ['inference:chat']],
      [
        'a response that nobody waits for',
        [json('POST', '/responses', { model: 'raw-chat', input: 'hi', background: true })],
        ['inference:chat'],
      ],
      [
        'a batch that is still to be run',
        [json('POST', '/batches', { input_file_id: batchFile, endpoint: '/v1/embeddings', completion_window: '24h' })],
        ['inference:embed', 'batches:write'],
      ],
      [
        'a file given to a store',
        [json('POST', `/vector_stores/${store}/files`, { file_id: tenantFile })],
        ['files:read', 'vector_stores:write'],
      ],
      ['a model that it looked at', [json('GET', '/models/vectors')], ['inference:embed']],
      ['where it may upload', [json('GET', '/upload-targets')], ['datasets:read']],
    ];
    for (const [what, calls, expected] of cases) {
      const key = await newKey({ scopes: [...(await scopesOf(everything)), 'inference:override'] });
      expect([what, [...(await narrowedAfter(key, calls))].sort()]).toEqual([what, [...expected].sort()]);
    }
  });

  it('leaves the one who polls its own upload nothing but the scope for uploads', async () => {
    const key = await newKey();
    const file = await made(key, upload('/datasets/handbook/files'));
    const polls = [json('GET', `/files/${file}`), json('GET', `/uploads/${file}`)];
    expect(await narrowedAfter(key, polls)).toEqual(['datasets:write']);
    expect((await report(key)).data).toContainEqual(
      expect.objectContaining({ kind: 'scope', value: 'datasets:read or datasets:write' }),
    );
  });

  it.each([
    ['made no call', []],
    ['made only calls that need no scope', [json('GET', '/models'), json('GET', '/key')]],
    ['was refused everything', [json('GET', '/batches')]],
  ])('refuses a key that %s, and changes nothing', async (_what, calls) => {
    const key = await newKey({ preset: 'chat-plus-embeddings' });
    for (const one of calls) await one(key);
    expect((await report(key)).narrowest).toBeNull();
    for (const body of [{}, { dry_run: true }, { since: 1 }])
      expect(refusal(await admin('POST', `/keys/${key.id}/narrow`, body))).toEqual([409, 'conflict', null]);
    expect(await scopesOf(key)).toEqual(['inference:chat', 'inference:embed']);
  });

  it('refuses viewers, revoked keys, absent ones and what it does not know', async () => {
    const key = await newKey({ preset: 'chat-plus-embeddings' });
    await chat(key);
    const viewer = await tokenOf(platform.app, 'acme', 'viewer');
    const path = `/keys/${key.id}/narrow`;
    expect(refusal(await platform.app.admin('POST', path, {}, viewer))).toEqual([403, 'insufficient_role', null]);
    expect(refusal(await admin('POST', path, { scopes: [] }))).toEqual([400, 'unsupported_parameter', 'scopes']);
    expect(refusal(await admin('POST', path, { since: 'soon' }))).toEqual([400, 'invalid_value', 'since']);
    expect(refusal(await admin('POST', '/keys/key_absent/narrow', {}))).toEqual([404, 'not_found', null]);
    await admin('POST', `/keys/${key.id}/revoke`);
    expect(refusal(await admin('POST', path, {}))).toEqual([409, 'conflict', null]);
  });
});

describe('keys that link one another', () => {
  it('keep what each other needs, whichever is narrowed first', async () => {
    const inference = await newKey({ preset: 'multimodal-workspace' });
    const uploads = await newKey({ preset: 'dataset-upload' });
    const links = { inferenceKeyId: inference.id, uploadKeyId: uploads.id };
    const app = await newKey({ preset: 'conversation-app', ...links });
    const calls = [json('POST', '/conversations', {}), chat];
    for (const one of calls) expect((await one(app)).status).toBe(200);
    await embed(inference);
    expect(await report(app)).toMatchObject({
      scopes: { exercised: ['inference:chat', 'conversations:write'] },
      narrowest: { scopes: ['conversations:write'], preset: 'conversation-app' },
      links: [
        {
          as: 'inference',
          key: inference.id,
          unused: ['inference:embed', 'inference:image', 'inference:speech', 'inference:transcribe'],
        },
        { as: 'upload', key: uploads.id, unused: ['datasets:write'] },
      ],
    });
    const linked = await report(inference);
    expect(linked.linked_by).toEqual([{ key: app.id, name: app.id }]);
    expect(linked.scopes.exercised).toEqual(['inference:chat', 'inference:embed']);
    expect((await narrow(inference)).after).toEqual(['inference:chat', 'inference:embed']);
    expect((await narrow(app)).after).toEqual(['conversations:write']);
    expect(refusal(await admin('POST', `/keys/${uploads.id}/narrow`, {}))).toEqual([409, 'conflict', null]);
    await untilRefused(app);
    for (const process of [platform.app, second]) for (const one of calls) expect((await one(app, process)).status).toBe(200);
  });

  it('are told apart from one whose calls used its links alone', async () => {
    const inference = await newKey({ preset: 'chat-plus-embeddings' });
    const app = await newKey({ preset: 'conversation-app', inferenceKeyId: inference.id });
    await chat(app);
    const { status, body } = await admin('POST', `/keys/${app.id}/narrow`, {});
    expect([status, body.error.message]).toEqual([409, expect.stringContaining('its calls used its links alone')]);
  });
});
