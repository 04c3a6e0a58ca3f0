import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { fileURLToPath } from 'node:url';
import { FilesBench } from '../support/files.js';
import { sandboxToken, type SeededKey, type SeededTenant } from '../support/platform.js';
import type { ProductProcess } from '../support/product-process.js';
import { defaultAnswer, startRecordingProvider, type Answer, type RecordingProvider } from '../support/recording-provider.js';
import { post } from '../support/relay.js';
import { openSocket } from '../support/response-socket.js';
import { answerOf, message } from '../support/responses-provider.js';
import { startTraceCollector, type CollectedSpan, type TraceCollector } from '../support/trace-collector.js';
import { until } from '../support/until.js';

const secretWord = 'the-parrot-in-the-letter';
const server = 2;
const client = 3;
const preload = fileURLToPath(new URL('../fixtures/loaded-packages.mjs', import.meta.url));

let collector: TraceCollector;
let provider: RecordingProvider;
let bench: FilesBench;
let tenant: SeededTenant;
let key: SeededKey;
/** The headers of what the provider was asked, the oldest first. */
let asked: IncomingHttpHeaders[];

/** A trace that a caller has begun. */
interface Caller {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceparent: string;
}

function caller(flags = '01'): Caller {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

const chat = (headers: Record<string, string>, further: object = {}, secret = key.secret, url = bench.url): Promise<Response> =>
  post({
    url: `${url}/chat/completions`,
    secret,
    headers,
    body: { model: 'assistant', messages: [{ role: 'user', content: secretWord }], ...further },
  });

const named = (trace: readonly CollectedSpan[], name: string): CollectedSpan => {
  const span = trace.find((one) => one.name === name);
  if (span === undefined) throw new Error(`No span ${name} in ${trace.map((one) => one.name).join(', ')}`);
  return span;
};

const noted =
  (then: Answer): Answer =>
  (body, response) => {
    asked.push(response.req.headers);
    then(body, response);
  };

beforeAll(async () => {
  collector = await startTraceCollector();
  provider = await startRecordingProvider();
  // What no caller asks for is not recorded.
  bench = await FilesBench.start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=a%20b',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0',
    GT_TRACE_TRUST_CALLERS: 'true',
  });
  tenant = await bench.platform.factory.tenant('traced', provider.url);
  key = await bench.platform.factory.key(tenant);
  await bench.worker();
});
afterAll(async () => {
  await bench.close();
  await provider.close();
  await collector.close();
});
beforeEach(() => {
  asked = [];
  provider.answerWith(noted(defaultAnswer));
});

describe('the trace of a call', () => {
  it.each([
    ['plain', {}],
    ['streamed', { stream: true }],
  ])('goes on from its caller through the guard, both gates and the provider, %s', async (_how, further) => {
    const { traceId, spanId, traceparent } = caller();
    const response = await chat({ traceparent, tracestate: 'rojo=1' }, further);
    expect(response.status).toBe(200);
    await response.text();
    const trace = await collector.traceWith(traceId, 'POST /api/tenant/v1/chat/completions');
    const call = named(trace, 'POST /api/tenant/v1/chat/completions');
    expect(call).toMatchObject({ parentSpanId: spanId, kind: server, service: 'gt-api', state: 'rojo=1', error: undefined });
    expect(call.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/api/tenant/v1/chat/completions',
      'http.response.status_code': 200,
      'gt.route': 'chat.completions.create',
      'gt.request_id': response.headers.get('x-gt-request-id'),
      'gt.tenant_id': tenant.id,
      'gt.key_id': key.id,
      'gt.endpoint': 'assistant',
    });
    const below = trace.filter((span) => span !== call);
    expect(below.map((span) => span.name).sort()).toEqual(['chat sandbox-chat', 'gt.enter', 'gt.key_check', 'gt.reserve']);
    expect(below.map((span) => [span.parentSpanId, span.error])).toEqual(below.map(() => [call.spanId, undefined]));
    const attempt = named(trace, 'chat sandbox-chat');
    expect(attempt).toMatchObject({ kind: client, events: ['gt.sending', 'gt.first_token'] });
    expect(attempt.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'sandbox-chat',
      'gen_ai.usage.input_tokens': 1,
      'gen_ai.usage.output_tokens': 1,
      'gt.connection_id': tenant.connectionId,
      'gt.endpoint': 'assistant',
      'gt.stream': 'stream' in further,
      'gt.attempt': 1,
      'gt.usage_source': 'upstream',
      'http.response.status_code': 200,
    });
    expect(asked.map(({ traceparent: parent, tracestate }) => [parent, tracestate])).toEqual([
      [`00-${traceId}-${attempt.spanId}-01`, 'rojo=1'],
    ]);
  });

  it('says why it was refused, with the code of the error', async () => {
    const { traceId, traceparent } = caller();
    expect((await chat({ traceparent }, {}, 'gtak_wrong')).status).toBe(401);
    const trace = await collector.traceWith(traceId, 'POST /api/tenant/v1/chat/completions');
    expect(trace.map(({ name, error, attributes }) => [name, error, attributes['error.type']])).toEqual([
      ['gt.key_check', 'invalid_api_key', 'invalid_api_key'],
      ['POST /api/tenant/v1/chat/completions', 'invalid_api_key', 'invalid_api_key'],
    ]);
  });

  it('has a span for each try at a provider', async () => {
    provider.answerWith(
      noted((body, response) => {
        if (asked.length > 1) defaultAnswer(body, response);
        else
          response.writeHead(429, { 'retry-after': '0', 'content-type': 'application/json' }).end('{"error":{"message":"busy"}}');
      }),
    );
    const { traceId, traceparent } = caller();
    await bench.platform.factory.alias(tenant, 'patient', { retry_after_max_seconds: 1 });
    await until('the alias is there', async () => (await chat({}, { model: 'patient' })).status === 200);
    asked = [];
    expect((await chat({ traceparent }, { model: 'patient' })).status).toBe(200);
    const trace = await collector.traceWith(traceId, 'POST /api/tenant/v1/chat/completions');
    const tries = trace.filter(({ kind }) => kind === client);
    expect(
      tries.map(({ attributes, error }) => [attributes['gt.attempt'], attributes['http.response.status_code'], error]),
    ).toEqual([
      [1, 429, '429'],
      [2, 200, undefined],
    ]);
    expect(asked.map(({ traceparent: parent }) => parent)).toEqual(tries.map(({ spanId }) => `00-${traceId}-${spanId}-01`));
  });

  it('says what failed at the provider', async () => {
    provider.answerWith(noted((_body, response) => response.writeHead(500).end()));
    const { traceId, traceparent } = caller();
    const response = await chat({ traceparent });
    const trace = await collector.traceWith(traceId, 'POST /api/tenant/v1/chat/completions');
    const { error } = (await response.json()) as { error: { code: string } };
    const failed = trace.filter((span) => span.error !== undefined);
    expect(failed.map((span) => [span.name, span.error])).toEqual([
      ['chat sandbox-chat', error.code],
      ['POST /api/tenant/v1/chat/completions', error.code],
    ]);
  });

  it('goes on to the job that the call queues, and to the provider that the job asks', async () => {
    provider.answerWith(noted(answerOf(message('An answer.'))));
    const { traceId, traceparent } = caller();
    const queued = await post({
      url: `${bench.url}/responses`,
      secret: key.secret,
      headers: { traceparent },
      body: { model: 'assistant', input: secretWord, background: true },
    });
    expect(queued.status).toBe(200);
    const trace = await collector.traceWith(traceId, 'job response.run');
    const call = named(await collector.traceWith(traceId, 'POST /api/tenant/v1/responses'), 'POST /api/tenant/v1/responses');
    const job = named(trace, 'job response.run');
    expect(job).toMatchObject({ service: 'gt-worker', parentSpanId: call.spanId, links: [`${traceId}-${call.spanId}`] });
    expect(job.attributes).toMatchObject({ 'gt.job': 'response.run', 'gt.tenant_id': tenant.id, 'gt.attempt': 1 });
    const attempt = trace.find((span) => span.kind === client);
    expect(attempt).toMatchObject({ service: 'gt-worker', parentSpanId: job.spanId });
    expect(asked.map(({ traceparent: parent }) => parent)).toEqual([`00-${traceId}-${attempt?.spanId ?? ''}-01`]);
  });

  it('has a span for each call on a WebSocket, and one for its opening', async () => {
    provider.answerWith(noted(answerOf(message('An answer.'))));
    const { traceId, spanId, traceparent } = caller();
    const socket = await openSocket(bench.url, key.secret, { headers: { traceparent } });
    for (const input of ['one', 'two']) await socket.ask({ input });
    socket.close();
    const name = 'GET /api/tenant/v1/responses';
    const calls = await until('three spans have come', () => {
      const come = collector.spans.filter((span) => span.traceId === traceId && span.name === name);
      return come.length === 3 && come;
    });
    expect(calls.map(({ parentSpanId, attributes }) => [parentSpanId, attributes['http.response.status_code']])).toEqual([
      [spanId, 101],
      [spanId, 200],
      [spanId, 200],
    ]);
    const tries = collector.spans.filter((span) => span.traceId === traceId && span.kind === client);
    expect(tries.map(({ parentSpanId }) => parentSpanId)).toEqual(calls.slice(1).map((call) => call.spanId));
  });

  it('goes on to what reads an uploaded file, and to the provider that embeds it', async () => {
    const { id, secret } = await bench.key();
    const { traceId, traceparent } = caller();
    const { id: fileId } = await bench.accepted(secret, '/datasets/handbook/files', {
      name: 'letter.txt',
      bytes: secretWord,
      headers: { traceparent },
    });
    const trace = await collector.traceWith(traceId, 'job file.process');
    const call = named(trace, 'POST /api/tenant/v1/datasets/:dataset_id/files');
    expect(call.attributes).toMatchObject({ 'gt.key_id': id });
    const job = named(trace, 'job file.process');
    expect([job.parentSpanId, job.attributes['gt.job_id']]).toEqual([call.spanId, expect.stringContaining(fileId)]);
    const attempt = named(trace, 'embeddings sandbox-embed');
    expect(attempt).toMatchObject({ service: 'gt-worker', parentSpanId: job.spanId, error: undefined });
    expect(attempt.attributes).toMatchObject({ 'gen_ai.provider.name': 'openai', 'gt.endpoint': 'main/sandbox-embed' });
  });

  it('goes on to the requests of a batch', async () => {
    const body = { model: 'assistant', messages: [{ role: 'user', content: secretWord }] };
    const line = JSON.stringify({ custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body });
    const input = await bench.accepted(key.secret, '/files', { name: 'in.jsonl', bytes: line, fields: { purpose: 'batch' } });
    const { traceId, traceparent } = caller();
    const batch = { input_file_id: input.id, endpoint: '/v1/chat/completions', completion_window: '24h' };
    await post({ url: `${bench.url}/batches`, secret: key.secret, headers: { traceparent }, body: batch });
    const trace = await collector.traceWith(traceId, 'job batch.run');
    const attempt = named(trace, 'chat sandbox-chat');
    expect(trace.map(({ spanId, name }) => [spanId, name])).toContainEqual([attempt.parentSpanId, 'job batch.run']);
    expect(asked.map(({ traceparent: parent }) => parent)).toEqual([`00-${traceId}-${attempt.spanId}-01`]);
  });

  it('is not recorded where nobody samples it, and its caller is told on unchanged', async () => {
    const unsampled = caller('00');
    expect((await chat({ traceparent: unsampled.traceparent, tracestate: 'rojo=1' })).status).toBe(200);
    const response = await chat({});
    expect((await chat({ traceparent: `${unsampled.traceparent}, twice` })).status).toBe(200);
    const last = caller();
    expect((await chat({ traceparent: last.traceparent })).status).toBe(200);
    await collector.traceWith(last.traceId, 'POST /api/tenant/v1/chat/completions');
    expect(collector.spans.filter(({ traceId }) => traceId === unsampled.traceId)).toEqual([]);
    const id = response.headers.get('x-gt-request-id');
    expect(collector.spans.filter(({ attributes }) => attributes['gt.request_id'] === id)).toEqual([]);
    expect(asked.slice(0, 3).map(({ traceparent, tracestate }) => [traceparent, tracestate])).toEqual([
      [unsampled.traceparent, 'rojo=1'],
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it('holds no content, no secret and no address of a provider', async () => {
    const { traceId, traceparent } = caller();
    await (await chat({ traceparent })).text();
    await collector.traceWith(traceId, 'POST /api/tenant/v1/chat/completions');
    const told = collector.requests.map(({ bytes }) => bytes.toString()).join('\n');
    expect(told).toContain(tenant.id);
    for (const hidden of [secretWord, key.secret, sandboxToken, new URL(provider.url).port, '127.0.0.1'])
      expect(told).not.toContain(hidden);
    expect(collector.requests.map(({ path, headers }) => [path, headers['x-collector-key']])).toEqual(
      collector.requests.map(() => ['/v1/traces', 'a b']),
    );
  });

  it('is sent again where the collector was busy', async () => {
    collector.refuseWith(503, 429);
    const { traceId, traceparent } = caller();
    expect((await chat({ traceparent })).status).toBe(200);
    await collector.traceWith(traceId, 'POST /api/tenant/v1/chat/completions');
  });
});

describe('a process of its own', () => {
  const loads = { NODE_OPTIONS: `--import ${preload}` };
  const loaded = (api: ProductProcess): unknown => api.lines.find(({ msg }) => msg === 'loaded')?.['packages'];
  const base = ({ url }: ProductProcess): string => `${url}/api/tenant/v1`;

  it('without a collector loads nothing that records, and tells providers of the trace of its caller', async () => {
    const api = await bench.api({ OTEL_EXPORTER_OTLP_ENDPOINT: '', ...loads });
    const { traceparent } = caller();
    expect((await chat({ traceparent }, {}, key.secret, base(api))).status).toBe(200);
    expect(await api.stop()).toBe(0);
    // The metrics load the interface, without anything behind it.
    expect(loaded(api)).toEqual(['@opentelemetry/api']);
    expect(asked.map(({ traceparent: parent }) => parent)).toEqual([traceparent]);
  });

  it('sends what is left before it ends, and keeps the trace from providers where the operator says so', async () => {
    const further = { OTEL_BSP_SCHEDULE_DELAY: '60000', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', GT_TRACE_PROVIDERS: 'false' };
    const api = await bench.api({ ...further, ...loads });
    const [recorded, unsampled] = [caller(), caller('00')];
    for (const { traceparent } of [recorded, unsampled])
      expect((await chat({ traceparent }, {}, key.secret, base(api))).status).toBe(200);
    expect(await api.stop()).toBe(0);
    await collector.traceWith(recorded.traceId, 'POST /api/tenant/v1/chat/completions');
    expect(loaded(api)).toContain('@opentelemetry/sdk-trace');
    expect(asked.map(({ traceparent }) => traceparent)).toEqual([undefined, undefined]);
  });

  it('answers, and ends, although its collector takes nothing', async () => {
    const silent = await startTraceCollector();
    silent.refuseWith(...Array.from({ length: 50 }, () => 'silent' as const));
    const api = await bench.api({
      OTEL_EXPORTER_OTLP_ENDPOINT: silent.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
      OTEL_BSP_MAX_QUEUE_SIZE: '4',
    });
    await chat({ traceparent: caller().traceparent }, {}, key.secret, base(api));
    await until('the collector was asked', () => silent.requests.length > 0);
    for (let asking = 0; asking < 5; asking += 1)
      expect((await chat({ traceparent: caller().traceparent }, {}, key.secret, base(api))).status).toBe(200);
    expect(await api.stop()).toBe(0);
    expect(silent.requests[0]?.headers['content-type']).toBe('application/x-protobuf');
    await silent.close();
  });
});
