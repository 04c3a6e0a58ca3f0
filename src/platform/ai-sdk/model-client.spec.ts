import { afterEach, describe, expect, it } from '@jest/globals';
import type { RequestListener, ServerResponse } from 'node:http';
import { EgressBench, startCall, until, type StartedCall } from '../../../test/support/egress.js';
import type { Config } from '../../config/config.module.js';
import type { EgressConfig } from '../upstream/egress-client.js';
import { ModelClient } from './model-client.js';

const bench = new EgressBench();
afterEach(() => bench.close());

const request = { model: 'm', prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] };
const chunk = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'a', choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: finish }] })}\n\n`;

interface Setup {
  readonly config?: Partial<EgressConfig>;
  readonly allow?: string;
  readonly operation?: 'stream' | 'generate';
  readonly pauseAtData?: boolean;
}

/** Asks a model of Mistral, whose package calls the provider that answers so. */
async function ask(answer: RequestListener, { config = {}, allow, operation = 'stream', pauseAtData }: Setup = {}) {
  const provider = await bench.http(answer);
  const egress = bench.client({ config, ...(allow === undefined ? {} : { allow }) });
  const models = new ModelClient(egress, { GT_MAX_UPSTREAM_BYTES: 100_000 } as Config);
  const client = models.at({ wire: 'sdk:mistral', baseUrl: `${provider.origin}/v1` });
  const call = { origin: provider.origin, path: `/v1/${operation}`, body: Buffer.from(JSON.stringify(request)) };
  return startCall(client, call, { pauseAtData: pauseAtData === true });
}

const begin = (response: ServerResponse): ServerResponse => response.writeHead(200, { 'content-type': 'text/event-stream' });
const partsOf = ({ heard }: StartedCall): unknown[] =>
  heard.body
    .toString()
    .split('\n\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text.replace('data: ', '')) as unknown);

describe('a call of a model', () => {
  it('is told as an answer of a provider: a head, the parts as events, and the end', async () => {
    const call = await ask(
      (_request, response) => void begin(response).end(`${chunk('Hello')}${chunk('', 'stop')}data: [DONE]\n\n`),
    );
    const { status, headers, events } = await call.done;
    expect([status, headers['content-type'], events[0], events.at(-1)]).toEqual([200, 'text/event-stream', 'head', 'end']);
    expect(partsOf(call)).toMatchObject([
      { type: 'text-delta', delta: 'Hello' },
      { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' } },
    ]);
    expect(call.sent).toBe(true);
  });

  it('tells a redirect, and does not follow it', async () => {
    let asked = 0;
    const call = await ask((_request, response) => {
      asked += 1;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect([(await call.done).status, asked]).toEqual([307, 1]);
  });

  it.each([
    ['timeout_first_byte', { GT_UPSTREAM_FIRST_BYTE_MS: 100 }, () => undefined],
    [
      'timeout_idle',
      { GT_UPSTREAM_IDLE_MS: 100 },
      (_request: unknown, response: ServerResponse) => void begin(response).write(chunk('a')),
    ],
    ['timeout_total', { GT_UPSTREAM_TOTAL_MS: 100 }, () => undefined],
  ])('holds the limits of the egress client: %s', async (kind, config, answer) => {
    const { failure } = await (await ask(answer, { config })).done;
    expect(failure).toMatchObject({ kind, sent: true });
  });

  it('goes nowhere that the policy does not allow', async () => {
    let asked = 0;
    const { failure } = await (await ask((_request, response) => response.end(String((asked += 1))), { allow: 'false' })).done;
    expect(failure).toMatchObject({ kind: 'refused', sent: false });
    expect(asked).toBe(0);
  });

  it('hears nothing more when it is cancelled, and its provider is left', async () => {
    let closed = false;
    const call = await ask((_request, response) => {
      response.on('close', () => (closed = true));
      begin(response).write(chunk('a'));
    });
    await call.onFirstData;
    const heard = [...call.heard.events];
    call.cancel();
    await until(() => closed);
    expect(call.heard.events).toEqual(heard);
  });

  it('can be cancelled before it has begun', async () => {
    let asked = 0;
    const call = await ask((_request, response) => response.end(String((asked += 1))));
    call.cancel();
    await bench.barrier(bench.client());
    expect([asked, call.heard.events]).toEqual([0, []]);
  });

  it('reads no more than its handler takes', async () => {
    let written = 0;
    const text = 'x'.repeat(8_000);
    const call = await ask(
      (_request, response) => {
        begin(response);
        const write = (): void => {
          while (written < 5_000 && response.write(chunk(text))) written += 1;
          if (written < 5_000) response.once('drain', write);
          else response.end(chunk('', 'stop'));
          written += 1;
        };
        write();
      },
      { pauseAtData: true },
    );
    await call.onFirstData;
    const other = bench.client();
    for (let calls = 0; calls < 2; calls += 1) await bench.barrier(other);
    expect(call.heard.events.filter((event) => event === 'data').length).toBeLessThan(3);
    expect(written).toBeLessThan(4_000);
    call.cancel();
  });

  it.each([
    ['an event without end', 'stream', (response: ServerResponse) => begin(response)],
    [
      'a reply without end',
      'generate',
      (response: ServerResponse) => response.writeHead(200, { 'content-type': 'application/json' }),
    ],
  ] as const)('is left when %s comes', async (_what, operation, head) => {
    let closed = false;
    const call = await ask(
      (_request, response) => {
        response.on('close', () => (closed = true));
        head(response).write('data: {"a":"');
        const piece = 'x'.repeat(64 * 1024);
        const write = (): void => {
          while (!closed && response.write(piece));
          response.once('drain', write);
        };
        write();
      },
      { operation },
    );
    expect((await call.done).failure).toMatchObject({ kind: 'broken', cause: { name: 'UnreadableReply' } });
    await until(() => closed);
  });

  it('fails when the reply is none of the package’s', async () => {
    const call = await ask((_request, response) => void response.setHeader('content-type', 'application/json').end('{"a":1}'), {
      operation: 'generate',
    });
    expect((await call.done).failure).toMatchObject({ kind: 'broken', sent: true });
  });
});
