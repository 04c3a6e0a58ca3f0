import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { given, reportAtOnce } from './steps.mjs';

/** The same script for each version of the client that is installed. */
const { default: OpenAI, toFile } = await import(given.package);
const client = new OpenAI({ baseURL: given.baseURL, apiKey: given.secret, maxRetries: 0 });
const often = { pollIntervalMs: 100 };
const processing = { pollInterval: 100 };

const named = (name, text) => toFile(Buffer.from(text), name);
const stored = async (name, text, purpose) => client.files.create({ file: await named(name, text), purpose });
const store = async (name = 'store') => (await client.vectorStores.create({ name })).id;
const found = async (id, query, more = {}) => {
  const { data } = await client.vectorStores.search(id, { query, ...more });
  return data.map(({ filename }) => filename);
};

/** Makes a batch of these requests and gives both of its files, by `custom_id`. */
async function batchOf(endpoint, bodies) {
  const lines = bodies.map((body, at) => JSON.stringify({ custom_id: `line-${at}`, method: 'POST', url: endpoint, body }));
  const input = await stored('input.jsonl', lines.join('\n'), 'batch');
  let batch = await client.batches.create({ input_file_id: input.id, endpoint, completion_window: '24h' });
  while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
    await wait(100);
    batch = await client.batches.retrieve(batch.id);
  }
  const linesOf = async (id) => {
    const text = id == null ? '' : await (await client.files.content(id)).text();
    return text === '' ? [] : text.trimEnd().split('\n').map(JSON.parse);
  };
  return {
    status: batch.status,
    counts: batch.request_counts,
    answers: (await linesOf(batch.output_file_id)).map(({ response }) => response.body),
    errors: (await linesOf(batch.error_file_id)).map(({ custom_id: id, response }) => [id, response.body.error.param]),
  };
}

const lighthouse = ['lighthouse.txt', 'The lighthouse of Kiel is green.'];
const model = 'assistant';
const messages = [{ role: 'user', content: 'hello' }];

await reportAtOnce({
  waitForProcessing: async () => {
    const line = JSON.stringify({ custom_id: 'a', method: 'POST', url: '/v1/responses', body: { model, input: 'x' } });
    const files = await Promise.all([
      stored('a.txt', 'Some text.', 'user_data'),
      stored('a.jsonl', line, 'batch'),
      stored('b.jsonl', `${line}\n{`, 'batch'),
    ]);
    const ended = await Promise.all(files.map(({ id }) => client.files.waitForProcessing(id, processing)));
    return ended.map(({ status }) => status);
  },
  uploadInParts: async () => {
    const bytes = Buffer.from(Array.from({ length: 30_000 }, (_one, at) => `Line ${at}\n`).join(''));
    const pieces = [bytes.subarray(0, 70_000), bytes.subarray(70_000, 200_000), bytes.subarray(200_000)];
    const upload = await client.uploads.create({
      filename: 'all.txt',
      purpose: 'user_data',
      bytes: bytes.length,
      mime_type: 'text/plain',
    });
    // The last part first: `complete` says their order.
    const parts = [];
    for (const data of pieces.toReversed())
      parts.unshift(await client.uploads.parts.create(upload.id, { data: await toFile(data, 'part') }));
    const { status, file } = await client.uploads.complete(upload.id, {
      part_ids: parts.map(({ id }) => id),
      md5: createHash('md5').update(bytes).digest('hex'),
    });
    const ended = await client.files.waitForProcessing(file.id, processing);
    const content = Buffer.from(await (await client.files.content(file.id)).arrayBuffer());
    return { status, file: ended.status, filename: ended.filename, isSame: content.equals(bytes) };
  },
  uploadCancelled: async () => {
    const { id } = await client.uploads.create({ filename: 'a', purpose: 'batch', bytes: 5, mime_type: 'application/jsonl' });
    return (await client.uploads.cancel(id)).status;
  },
  createAndPoll: async () => {
    const [id, file] = [await store(), await stored(...lighthouse, 'assistants')];
    const attributes = { colour: 'green' };
    const attached = await client.vectorStores.files.createAndPoll(id, { file_id: file.id, attributes }, often);
    const texts = [];
    for await (const { text } of client.vectorStores.files.content(file.id, { vector_store_id: id })) texts.push(text);
    const [yes, no] = ['green', 'red'].map((value) => ({ filters: { type: 'eq', key: 'colour', value } }));
    const kept = [await found(id, 'lighthouse', yes), await found(id, 'lighthouse', no)];
    await client.vectorStores.files.delete(file.id, { vector_store_id: id });
    return { status: attached.status, attributes: attached.attributes, texts, kept, left: await found(id, 'lighthouse') };
  },
  uploadAndPoll: async () => {
    const id = await store();
    const file = await client.vectorStores.files.uploadAndPoll(id, await named(...lighthouse), often);
    return { status: file.status, found: await found(id, 'Which colour has the lighthouse?') };
  },
  unreadable: async () => {
    const id = await store();
    const sound = await named('sound.ogg', 'OggS\0\0\0\0\0\u0001\u0002\u0003');
    const { status, last_error: error } = await client.vectorStores.files.uploadAndPoll(id, sound, often);
    return { status, code: error?.code };
  },
  fileBatch: async () => {
    const id = await store();
    const files = await Promise.all(['one', 'two', 'three'].map((word) => named(`${word}.txt`, `This is text ${word}.`)));
    const { id: fourth } = await stored('four.txt', 'This is text four.', 'assistants');
    const batch = await client.vectorStores.fileBatches.uploadAndPoll(id, { files, fileIds: [fourth] }, often);
    const ids = [];
    for await (const file of client.vectorStores.fileBatches.listFiles(batch.id, { vector_store_id: id })) ids.push(file.status);
    const { file_counts: counts, status } = await client.vectorStores.retrieve(id);
    return { status: batch.status, counts: batch.file_counts, files: ids, store: { counts, status } };
  },
  chatBatch: async () => {
    const batch = await batchOf('/v1/chat/completions', [
      { model, messages },
      { model, messages, stream: true },
    ]);
    return { ...batch, answers: batch.answers.map(({ choices }) => choices[0].message.content) };
  },
  responsesBatch: async () => {
    const { answers, ...batch } = await batchOf('/v1/responses', [{ model, input: 'hello' }]);
    return { ...batch, answers: answers.map(({ output }) => output[0].content[0].text) };
  },
  completionsBatch: async () => {
    const { answers, ...batch } = await batchOf('/v1/completions', [{ model, prompt: 'hello' }]);
    return { ...batch, answers: answers.map(({ choices }) => choices[0].text) };
  },
  embeddingsBatch: async () => {
    const { answers, ...batch } = await batchOf('/v1/embeddings', [{ model, input: ['a', 'b'] }]);
    return { ...batch, answers: answers.map(({ data }) => data.length) };
  },
  fileSearch: async () => {
    const id = await store();
    await client.vectorStores.files.uploadAndPoll(id, await named(...lighthouse), often);
    const tools = [{ type: 'file_search', vector_store_ids: [id], max_num_results: 3 }];
    const asked = { model, input: 'Which colour has the lighthouse?', tools, include: ['file_search_call.results'] };
    const whole = await client.responses.create(asked);
    const streamed = await client.responses.stream(asked).finalResponse();
    return [whole, streamed].map(({ output: [search, message] }) => ({
      search: [search.type, search.status, search.results.map(({ filename }) => filename)],
      text: message.content[0].text,
      cited: message.content[0].annotations.map(({ type, filename }) => [type, filename]),
    }));
  },
  namedInCalls: async () => {
    const { id: file_id } = await stored(...lighthouse, 'user_data');
    const part = { type: 'input_file', file_id };
    const response = await client.responses.create({ model, input: [{ role: 'user', content: [part] }] });
    const content = [{ type: 'file', file: { file_id } }];
    const chat = await client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    return { responses: response.status, chat: chat.choices[0].finish_reason };
  },
});
