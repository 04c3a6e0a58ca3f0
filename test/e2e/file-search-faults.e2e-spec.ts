import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toFile, type OpenAI } from 'openai';
import type { Response, ResponseFileSearchToolCall, ResponseInputItem } from 'openai/resources/responses/responses';
import pg from 'pg';
import { RecallService } from '../../src/modules/retrieval/recall.service.js';
import { StoreSweepService } from '../../src/modules/vector-stores/store-sweep.service.js';
import { StoreSweepRepository } from '../../src/modules/vector-stores/store-sweep.repository.js';
import { PlatformDatabase } from '../../src/platform/database/platform-database.js';
import { textVector } from '../../src/sandbox/embedding-vector.js';
import { FilesBench } from '../support/files.js';
import { listen, type Listening } from '../support/listening.js';
import { startRecordingProvider, type RecordingProvider } from '../support/recording-provider.js';
import { openai } from '../support/relay.js';
import { saying, toldTo } from '../support/saying-provider.js';
import { until } from '../support/until.js';

const question = 'When does the north gate open?';
const dimensions = 64;
const metricsToken = 'metrics-token-of-this-test';

let bench: FilesBench;
let provider: RecordingProvider;
/** Embeds, unless a test has it wait or fail. */
let embedder: Listening;
let embeds: () => Promise<boolean>;
let asked = 0;
let client: OpenAI;
let gates: string;

beforeAll(async () => {
  provider = await startRecordingProvider();
  embedder = await listen((text, _request, response) => {
    asked += 1;
    void embeds().then((isWell) => {
      const { input, model } = JSON.parse(text) as { input: string[]; model: string };
      const data = input.map((one, index) => ({
        object: 'embedding',
        index,
        embedding: Buffer.from(textVector(one, dimensions).buffer).toString('base64'),
      }));
      const usage = { prompt_tokens: 1, total_tokens: 1 };
      response
        .writeHead(isWell ? 200 : 500, { 'content-type': 'application/json' })
        .end(JSON.stringify(isWell ? { object: 'list', data, model, usage } : { error: { message: 'down' } }));
    });
  });
  embeds = () => Promise.resolve(true);
  bench = await FilesBench.start({ GT_METRICS_TOKEN: metricsToken });
  const key = await bench.key();
  client = openai(bench.url, key);
  await made('/connections', { name: 'talks', base_url: provider.url, wire: 'chat', auth: { mode: 'none' } });
  await made('/connections', { name: 'embeds', base_url: embedder.url, auth: { mode: 'none' }, limits: { breaker: null } });
  await made('/endpoints', { name: 'big', raw_model: { connection: 'talks', model: 'big' } });
  await bench.platform.app.admin('PATCH', '/tenants/acme', {
    vector_stores: { embedding: { connection: 'embeds', model: 'words' } },
  });
  await bench.worker();
  gates = await storeWith('gates.txt', 'The north gate opens at six, says the porter.');
}, 90_000);
afterAll(async () => {
  await bench.close();
  await provider.close();
  await embedder.close();
});
beforeEach(() => {
  embeds = () => Promise.resolve(true);
  provider.answerWith(saying('It opens at six [1].'));
});

async function made(path: string, body: object): Promise<void> {
  const reply = await bench.platform.app.admin('POST', path, { tenant: 'acme', ...body });
  if (reply.status !== 201) throw new Error(`Refused: ${JSON.stringify(reply.body)}`);
}

async function storeWith(name: string, text: string): Promise<string> {
  const { id } = await client.vectorStores.create({ name });
  const file = await toFile(Buffer.from(text), name);
  const attached = await client.vectorStores.files.uploadAndPoll(id, file, { pollIntervalMs: 100 });
  expect(attached.status).toBe('completed');
  return id;
}

const toolOf = (id: string) => ({ type: 'file_search' as const, vector_store_ids: [id] });
const include = ['file_search_call.results' as const];
const ask = (id: string, input: string | ResponseInputItem[] = question): Promise<Response> =>
  client.responses.create({ model: 'big', input, tools: [toolOf(id)], include });
const searchIn = ({ output }: Response) =>
  output.find((item): item is ResponseFileSearchToolCall => item.type === 'file_search_call');
const citedIn = ({ output }: Response): string[] =>
  output
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .flatMap((part) => ('annotations' in part ? part.annotations : []))
    .map((annotation) => ('filename' in annotation ? annotation.filename : annotation.type));
const lastTold = (): string => toldTo(provider.bodies.at(-1));

describe('a search in files', () => {
  it('goes by words alone while the embedding provider is down', async () => {
    embeds = () => Promise.resolve(false);
    const response = await ask(gates);
    expect([response.status, searchIn(response)?.status, citedIn(response)]).toEqual(['completed', 'completed', ['gates.txt']]);
    expect(searchIn(response)?.results).toMatchObject([{ filename: 'gates.txt' }]);
  });

  it('of a store that is deleted meanwhile finds nothing, and is answered', async () => {
    const id = await storeWith('gone.txt', 'The north gate opens at noon.');
    let release: () => void = () => undefined;
    embeds = () => new Promise((resolve) => (release = () => resolve(true)));
    const before = asked;
    const answer = ask(id);
    await until('the question is being embedded', async () => asked > before);
    await client.vectorStores.delete(id);
    const database = bench.platform.app.running.app.get(PlatformDatabase, { strict: false });
    await new StoreSweepService(new StoreSweepRepository(database)).sweep(AbortSignal.timeout(30_000));
    release();
    const response = await answer;
    expect([response.status, response.output_text, citedIn(response)]).toEqual(['completed', 'It opens at six [1].', []]);
    expect(searchIn(response)).toMatchObject({ status: 'completed', results: [] });
    expect(lastTold()).not.toContain('at noon');
    await expect(ask(id)).rejects.toMatchObject({ status: 404, param: 'tools[0].vector_store_ids[0]' });
  });

  it('that fails says so, and the model answers without it, streamed and in one piece', async () => {
    const owner = new pg.Client({ connectionString: bench.platform.app.databaseUrl });
    await owner.connect();
    await owner.query('revoke select on chunks from gt_app');
    try {
      const whole = await ask(gates);
      const stream = client.responses.stream({ model: 'big', input: question, tools: [toolOf(gates)], include });
      const types = new Set<string>();
      for await (const event of stream) types.add(event.type);
      const streamed = (await stream.finalResponse()) as unknown as Response;
      for (const response of [whole, streamed, await client.responses.retrieve(whole.id)]) {
        expect([response.status, citedIn(response)]).toEqual(['completed', []]);
        expect(searchIn(response)).toMatchObject({ status: 'failed', queries: [question] });
        expect(searchIn(response)?.results ?? []).toEqual([]);
      }
      expect([...types].filter((type) => type.includes('file_search'))).toEqual([
        'response.file_search_call.in_progress',
        'response.file_search_call.searching',
      ]);
      expect(lastTold()).not.toContain('porter');
    } finally {
      await owner.query('grant select on chunks to gt_app');
      await owner.end();
    }
    expect(citedIn(await ask(gates))).toEqual(['gates.txt']);
  });
});

describe('a compaction', () => {
  const summaryOrAnswer: Parameters<RecordingProvider['answerWith']>[0] = (body, response) =>
    saying(toldTo(body).includes('Summarise this conversation') ? 'The gate was asked for.' : 'It opens at six [1].')(
      body,
      response,
    );

  it('of answers with searches tells their words alone, and goes on with a search', async () => {
    provider.answerWith(summaryOrAnswer);
    const first = await ask(gates);
    const user = { role: 'user' as const, content: question };
    const ways = [{ previous_response_id: first.id }, { input: [user, ...first.output] as ResponseInputItem[] }];
    for (const way of ways) {
      const compacted = await client.responses.compact({ model: 'big', ...way });
      expect(lastTold()).toContain('It opens at six');
      expect(JSON.stringify(provider.bodies.at(-1))).not.toMatch(/file_search|file_citation|porter/);
      expect(compacted.output.map(({ type }) => type)).toEqual(['message', 'compaction']);
      const next = await ask(gates, [...(compacted.output as ResponseInputItem[]), user]);
      expect([searchIn(next)?.queries, citedIn(next)]).toEqual([[question], ['gates.txt']]);
      expect(lastTold()).toContain('The gate was asked for.');
    }
  });

  it('of a long input leaves the question to the search', async () => {
    provider.answerWith(summaryOrAnswer);
    const said = (role: 'user' | 'assistant', content: string) => ({ role, content });
    const response = await client.responses.create({
      model: 'big',
      input: [said('user', 'plum pear fig '.repeat(600)), said('assistant', 'Noted.'), said('user', question)],
      tools: [toolOf(gates)],
      context_management: [{ type: 'compaction', compact_threshold: 1_000 }],
    });
    expect([searchIn(response)?.queries, citedIn(response)]).toEqual([[question], ['gates.txt']]);
    expect(response.output.map(({ type }) => type)).toContain('compaction');
    expect(lastTold()).toContain('says the porter');
  });
});

describe('a filter', () => {
  /** In full as many as are promised; else so many that their signs are scanned. */
  const crowd = process.env['GT_TEST_SOAK'] === '1' ? 49_999 : 20_500;

  it(`finds the one passage that it keeps among ${crowd} better ones`, async () => {
    const { id } = await client.vectorStores.create({ name: 'crowd' });
    const upload = async (name: string, text: string) =>
      (await client.files.create({ file: await toFile(Buffer.from(text), name), purpose: 'assistants' })).id;
    const [many, lone] = [await upload('many.txt', question), await upload('lone.txt', 'A heron stands in the pond.')];
    const files = [
      { file_id: many, attributes: { kind: 'many' } },
      { file_id: lone, attributes: { kind: 'lone' } },
    ];
    const batch = await client.vectorStores.fileBatches.create(id, { files });
    await client.vectorStores.fileBatches.poll(id, batch.id, { pollIntervalMs: 100 });
    // The one passage of `many.txt`, which is the question itself, as often as a large file would have it.
    await bench.platform.factory.run(async (tx) => {
      await tx.$executeRaw`
        insert into chunks (tenant_id, file_id, ingestion_id, dataset_id, attempt, ordinal, text, tokens, embedding_model, search_words)
        select tenant_id, file_id, ingestion_id, dataset_id, attempt, at, text, tokens, embedding_model, search_words
          from chunks, generate_series(1, ${crowd - 1}::int) at where dataset_id = ${id} and file_id = ${many}`;
      await tx.ingestion.updateMany({ where: { datasetId: id, fileId: many }, data: { passages: crowd } });
      await tx.$executeRaw`
        insert into passage_vectors (tenant_id, file_id, ingestion_id, dataset_id, ordinal, embedding_model, dimensions, signs, vector)
        select tenant_id, file_id, ingestion_id, dataset_id, at, embedding_model, dimensions, signs, vector
          from passage_vectors, generate_series(1, ${crowd - 1}::int) at where dataset_id = ${id} and file_id = ${many}`;
    });
    const found = async (further: object): Promise<string[]> => {
      const { data } = await client.vectorStores.search(id, { query: question, max_num_results: 5, ...further });
      return [...new Set(data.map(({ filename }) => filename))];
    };
    const filterOf = (value: string) => ({ filters: { type: 'eq', key: 'kind', value } });
    expect(await found({})).toEqual(['many.txt']);
    for (const ranker of ['none', 'auto']) {
      const ranking_options = { ranker };
      expect(await found({ ...filterOf('lone'), ranking_options })).toEqual(['lone.txt']);
      expect(await found({ ...filterOf('none'), ranking_options })).toEqual([]);
    }
    const tool = { ...toolOf(id), filters: { type: 'eq' as const, key: 'kind', value: 'lone' } };
    const response = await client.responses.create({ model: 'big', input: question, tools: [tool], include });
    expect(searchIn(response)?.results).toMatchObject([{ filename: 'lone.txt', text: 'A heron stands in the pond.' }]);
  }, 300_000);

  it('is of a search whose memory and recall the metrics tell', async () => {
    const told = async (): Promise<Map<string, number>> => {
      const headers = { authorization: `Bearer ${metricsToken}` };
      const text = await (await fetch(`${bench.platform.app.url}/metrics`, { headers })).text();
      return new Map([...text.matchAll(/^(gt_vector\S+) (\S+)$/gm)].map(([, name = '', value]) => [name, Number(value)]));
    };
    const before = await told();
    // The signs of all passages, of 64 bits each.
    expect(before.get('gt_vector_memory_bytes')).toBeGreaterThan(crowd * 8);
    expect(before.has('gt_vector_recall{statistic="lowest"}')).toBe(false);
    await bench.platform.app.running.app.get(RecallService, { strict: false }).measure(AbortSignal.timeout(60_000));
    const [measured] = await bench.platform.factory.run((tx) => tx.datasetRecall.findMany());
    const after = await told();
    for (const statistic of ['lowest', 'mean'])
      expect(after.get(`gt_vector_recall{statistic="${statistic}"}`)).toBeCloseTo(measured?.value ?? NaN, 6);
  }, 120_000);
});
