import OpenAI, { toFile } from 'openai';
import type { RouteId } from '../../src/catalog/routes.js';
import { newId } from '../../src/kernel/ids.js';
import type { FilesBench } from './files.js';
import { sandboxToken } from './platform.js';

/** What a POST needs to be made, and what there is of it afterwards. */
export interface Post {
  /** Path and body; called once for each attempt, with what `prepare` gave. */
  readonly send: (id: string) => { readonly path: string; readonly body: object | FormData; readonly headers?: object };
  /** Makes what the request is about. */
  readonly prepare?: () => Promise<string>;
  /** How much of what it makes is there; absent for what leaves nothing in the database. */
  readonly made?: (id: string) => Promise<number>;
}

export type Posts = Partial<Record<RouteId, readonly Post[]>>;

/** A bench, and the secret of the key that asks; both are there when a request is made. */
export interface Asker {
  readonly bench: () => FilesBench;
  readonly secret: () => string;
}

/** Each POST of vector stores. */
export function storePosts({ bench, secret }: Asker): Posts {
  const make = async (path: string, body: object): Promise<string> =>
    ((await bench().call(secret(), 'POST', path, body)).body as { id: string }).id;
  const store = (): Promise<string> => make('/vector_stores', {});
  const file = async (): Promise<string> => {
    const content = { name: 'a.txt', bytes: 'some text', fields: { purpose: 'user_data' } };
    return (await bench().accepted(secret(), '/files', content)).id;
  };
  /** A store's path and a file, of which a blank parts the path. */
  const storeAndFile = async (): Promise<string> => `/vector_stores/${await store()} ${await file()}`;
  const attached = async (): Promise<string> => {
    const [path = '', file_id = ''] = (await storeAndFile()).split(' ');
    await make(`${path}/files`, { file_id });
    return `${path}/files/${file_id}`;
  };
  const batch = async (): Promise<string> => {
    const [path = '', file_id = ''] = (await storeAndFile()).split(' ');
    return `${path}/file_batches/${await make(`${path}/file_batches`, { file_ids: [file_id] })}`;
  };
  const count = (work: Parameters<FilesBench['platform']['factory']['run']>[0]): Promise<number> =>
    bench().platform.factory.run(work) as Promise<number>;
  const parts = (path: string): string[] => path.split(/[ /]/);
  return {
    'vector_stores.create': [
      { send: () => ({ path: '/vector_stores', body: { name: 'made' } }), made: () => count((tx) => tx.vectorStore.count()) },
    ],
    'vector_stores.update': [
      {
        prepare: store,
        send: (id) => ({ path: `/vector_stores/${id}`, body: { name: 'changed' } }),
        made: (id) => count((tx) => tx.vectorStore.count({ where: { id, name: 'changed' } })),
      },
    ],
    'vector_stores.search': [
      { prepare: store, send: (id) => ({ path: `/vector_stores/${id}/search`, body: { query: 'hello' } }) },
    ],
    'vector_stores.files.create': [
      {
        prepare: storeAndFile,
        send: (path) => ({ path: `${path.split(' ')[0]}/files`, body: { file_id: path.split(' ')[1] } }),
        made: (path) => count((tx) => tx.ingestion.count({ where: { targetId: parts(path)[2] ?? '' } })),
      },
    ],
    'vector_stores.files.update': [
      {
        prepare: attached,
        send: (path) => ({ path, body: { attributes: { a: 'b' } } }),
        made: (path) =>
          count((tx) => tx.ingestion.count({ where: { targetId: parts(path)[2] ?? '', attributes: { equals: { a: 'b' } } } })),
      },
    ],
    'vector_stores.file_batches.create': [
      {
        prepare: storeAndFile,
        send: (path) => ({ path: `${path.split(' ')[0]}/file_batches`, body: { file_ids: [path.split(' ')[1]] } }),
        made: (path) => count((tx) => tx.vectorStoreFileBatch.count({ where: { storeId: parts(path)[2] ?? '' } })),
      },
    ],
    'vector_stores.file_batches.cancel': [
      {
        prepare: batch,
        send: (path) => ({ path: `${path}/cancel`, body: {} }),
        made: (path) =>
          count((tx) => tx.vectorStoreFileBatch.count({ where: { id: parts(path).at(-1) ?? '', cancelledAt: { not: null } } })),
      },
    ],
  };
}

const training = JSON.stringify({ messages: [{ role: 'user', content: '[[stall:600000]]' }] });

/** Each POST of fine-tuning jobs. */
export function tuningPosts({ bench, secret }: Asker): Posts {
  const count = (where: object): Promise<number> =>
    bench().platform.factory.run((tx) => tx.fineTuningJob.count({ where })) as Promise<number>;
  const file = async (): Promise<string> => {
    const { app, acme } = bench().platform;
    await app.admin('PATCH', `/connections/${acme.connectionId}`, { tenant: 'acme', fine_tuning: 'on' });
    const content = { name: 'a.jsonl', bytes: training, fields: { purpose: 'fine-tune' } };
    return (await bench().accepted(secret(), '/files', content)).id;
  };
  /** A job at the sandbox, as a worker would have left it. */
  const job = async (isPaused = false): Promise<string> => {
    await file();
    const { acme, sandbox, factory } = bench().platform;
    const client = new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: sandboxToken });
    const copy = await client.files.create({ file: await toFile(Buffer.from(training), 'a.jsonl'), purpose: 'fine-tune' });
    const there = await client.fineTuning.jobs.create({ model: 'sandbox-chat', training_file: copy.id });
    if (isPaused) await client.fineTuning.jobs.pause(there.id);
    const id = newId('fineTuningJob');
    const data = {
      ...{ tenantId: acme.id, id, connectionId: acme.connectionId, keyId: 'key_x', model: 'raw-chat', baseModel: 'sandbox-chat' },
      ...{ tunedName: `ft:${id}`, trainingFile: 'file-x', trainingKey: 'x', step: 'follow', sentAt: new Date() },
      ...{ providerJob: there.id, status: isPaused ? 'queued' : 'running', nextAt: new Date(Date.now() + 3_600_000) },
    };
    await factory.run((tx) => tx.fineTuningJob.create({ data }));
    return id;
  };
  const soon = (): Date => new Date(Date.now() + 60_000);
  const asked = (verb: string, isPaused = false): Post => ({
    prepare: () => job(isPaused),
    send: (id) => ({ path: `/fine_tuning/jobs/${id}/${verb}`, body: {} }),
    // Only what was changed by a client is looked after at once.
    made: (id) => count({ id, nextAt: { lt: soon() } }),
  });
  return {
    'fine_tuning.jobs.create': [
      {
        prepare: file,
        send: (training_file) => ({ path: '/fine_tuning/jobs', body: { model: 'raw-chat', training_file } }),
        made: () => count({}),
      },
    ],
    'fine_tuning.jobs.cancel': [asked('cancel')],
    'fine_tuning.jobs.pause': [asked('pause')],
    'fine_tuning.jobs.resume': [asked('resume', true)],
  };
}
