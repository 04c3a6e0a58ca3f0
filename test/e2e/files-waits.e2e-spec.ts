import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FileObject } from '../../src/contracts/files.js';
import { FileWatch } from '../../src/modules/files/watch/file-watch.js';
import { FilesBench } from '../support/files.js';
import { until } from '../support/until.js';

const path = '/datasets/handbook/files';

let bench: FilesBench;
let key: { readonly id: string; readonly secret: string };

beforeAll(async () => {
  bench = await FilesBench.start();
  key = await bench.key();
});
afterAll(() => bench.close());

const upload = (bytes: string): Promise<FileObject> => bench.accepted(key.secret, path, { name: 'a.txt', bytes });
const waitFor = (id: string, seconds: number | string, secret = key.secret) =>
  bench.call(secret, 'GET', `/files/${id}?wait=${seconds}`);

/** What the pipeline would write. */
async function write(
  id: string,
  values: { state: string; stage: string | null; percent?: number; attempts?: number; errorCode?: string; errorMessage?: string },
): Promise<void> {
  await bench.platform.factory.run((tx) => tx.file.updateMany({ where: { id }, data: values }));
}

/** How many callers wait in the API of this process. */
function waiting(): number {
  return bench.platform.app.running.app.get(FileWatch, { strict: false }).waiting;
}

/** Runs `work` once so many requests wait; then gives what they were answered, well before their time is up. */
async function answered<T>(request: Promise<T>, work: () => Promise<void>, count = 1): Promise<T> {
  await until('the requests wait', () => waiting() === count);
  await work();
  await until('nobody waits any more', () => waiting() === 0, 20_000);
  return request;
}

describe('GET /files/{file_id}?wait', () => {
  it('returns as soon as the status is another one', async () => {
    const { id } = await upload('Wait for me.');
    const toProcessing = await answered(waitFor(id, 60), () => write(id, { state: 'stored', stage: 'parse', attempts: 1 }));
    expect([toProcessing.status, toProcessing.body.status]).toEqual([200, 'processing']);
    const toReady = await answered(waitFor(id, 60), async () => {
      await write(id, { state: 'parsed', stage: 'chunk' });
      await write(id, { state: 'ready', stage: 'done', percent: 100 });
    });
    expect(toReady.body.status).toBe('ready');
  });

  it('returns at once when the file has come to its end', async () => {
    const { id } = await upload('Long done.');
    for (const state of ['ready', 'failed']) {
      await write(id, {
        state,
        stage: 'done',
        ...(state === 'failed' ? { errorCode: 'no_text', errorMessage: 'No text.' } : {}),
      });
      let answer: string | undefined;
      void waitFor(id, 60).then(({ body }) => (answer = body.status));
      await until('it is answered, long before its time is up', () => answer === state, 20_000);
    }
  });

  it('returns the file as it is when the time is up', async () => {
    const { id } = await upload('Never touched.');
    const startedAt = performance.now();
    expect((await waitFor(id, 1)).body.status).toBe('queued');
    expect(performance.now() - startedAt).toBeGreaterThan(950);
  });

  it('answers 404 when the file is deleted meanwhile', async () => {
    const { id } = await upload('Soon gone.');
    const reply = await answered(waitFor(id, 60), async () => void (await bench.call(key.secret, 'DELETE', `${path}/${id}`)));
    expect(reply.status).toBe(404);
  });

  it.each(['61', '-1', 'soon'])('refuses to wait for %s', async (wait) => {
    const { id } = await upload('Impatient.');
    const { status, body } = await waitFor(id, wait);
    expect([status, body.error.param]).toEqual([400, 'wait']);
  });

  it('ends with 401 when the key is revoked', async () => {
    const { id } = await upload('For a revoked key.');
    const doomed = await bench.key();
    const reply = await answered(waitFor(id, 60, doomed.secret), async () => {
      await bench.platform.app.admin('POST', `/keys/${doomed.id}/revoke`, { tenant: 'acme' });
    });
    expect(reply.status).toBe(401);
  });

  it('forgets a caller who leaves', async () => {
    const { id } = await upload('Left alone.');
    const leaving = new AbortController();
    const request = fetch(`${bench.url}/files/${id}?wait=30`, {
      headers: { authorization: `Bearer ${key.secret}` },
      signal: leaving.signal,
    });
    await until('the request waits', () => waiting() === 1);
    leaving.abort();
    await expect(request).rejects.toThrow();
    await until('nobody waits', () => waiting() === 0);
  });

  it('lets two hundred wait at once without a connection for each', async () => {
    const { id } = await upload('Popular.');
    const requests = Array.from({ length: 200 }, () => waitFor(id, 60));
    const reply = await answered(Promise.all(requests), () => write(id, { state: 'ready', stage: 'done' }), 200);
    expect(new Set(reply.map(({ body }) => body.status))).toEqual(new Set(['ready']));
  });
});

interface SeenEvent {
  readonly event: string;
  readonly data: FileObject & { deleted?: boolean };
}

/** All events of the stream, until its end; `onEvent` is told of each. */
async function follow(
  id: string,
  secret: string,
  onEvent: (event: SeenEvent) => Promise<void> | void = () => undefined,
): Promise<{ type: string | null; events: SeenEvent[]; text: string }> {
  const response = await fetch(`${bench.url}/files/${id}/events`, { headers: { authorization: `Bearer ${secret}` } });
  const events: SeenEvent[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes as Uint8Array, { stream: true });
    const blocks = text.split('\n\n').slice(0, -1);
    for (const block of blocks.slice(events.length)) {
      const event = {
        event: /^event: (.*)$/m.exec(block)?.[1] ?? '',
        data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '{}') as SeenEvent['data'],
      };
      events.push(event);
      await onEvent(event);
    }
  }
  return { type: response.headers.get('content-type'), events, text };
}

describe('GET /files/{file_id}/events', () => {
  it('tells each change and ends with the file as it is then', async () => {
    const { id } = await upload('Follow me.');
    const steps = [
      () => write(id, { state: 'stored', stage: 'parse', percent: 40, attempts: 1 }),
      () => write(id, { state: 'chunked', stage: 'embed', percent: 10 }),
      () => write(id, { state: 'failed', stage: 'embed', errorCode: 'embedding_failed', errorMessage: 'It did not work.' }),
    ];
    const { type, events } = await follow(id, key.secret, () => steps.shift()?.());
    expect(type).toBe('text/event-stream; charset=utf-8');
    expect(events.map(({ event, data }) => [event, data.status, data.gt.progress, data.gt.error?.code])).toEqual([
      ['file.progress', 'queued', { stage: 'queue', percent: 0 }, undefined],
      ['file.progress', 'processing', { stage: 'parse', percent: 40 }, undefined],
      ['file.progress', 'processing', { stage: 'embed', percent: 10 }, undefined],
      ['file.failed', 'failed', { stage: 'embed', percent: 10 }, 'embedding_failed'],
    ]);
    expect(events.at(-1)?.data).toEqual(await bench.file(key.secret, id));
  });

  it('is one event when the file has come to its end, and one more when it is deleted', async () => {
    const { id } = await upload('Short story.');
    await write(id, { state: 'ready', stage: 'done', percent: 100 });
    expect((await follow(id, key.secret)).events.map(({ event }) => event)).toEqual(['file.ready']);
    await write(id, { state: 'stored', stage: null });
    const { events } = await follow(id, key.secret, async ({ event }) => {
      if (event === 'file.progress') await bench.call(key.secret, 'DELETE', `${path}/${id}`);
    });
    expect(events.at(-1)).toEqual({ event: 'file.deleted', data: { id, object: 'file', deleted: true } });
  });

  it('ends with an error event when the key is revoked', async () => {
    const { id } = await upload('For a revoked key.');
    const doomed = await bench.key();
    const { text } = await follow(id, doomed.secret, async () => {
      await bench.platform.app.admin('POST', `/keys/${doomed.id}/revoke`, { tenant: 'acme' });
    });
    expect(text).toMatch(/data: \{"error":\{[^\n]*"code":"invalid_api_key"\}\}\n\n$/);
  });

  it('leaves nothing behind of clients that leave while it begins', async () => {
    const { id } = await upload('Left at once.');
    const { host, hostname, port, pathname } = new URL(`${bench.url}/files/${id}/events`);
    const server = bench.platform.app.running.app.getHttpServer();
    for (let n = 0; n < 60; n += 1) {
      const begun = once(server, 'request');
      const socket = connect({ host: hostname, port: Number(port) });
      socket.write(`GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${key.secret}\r\n\r\n`);
      await begun;
      socket.resetAndDestroy();
    }
    // Later requests have been through the same pool of connections: those that were left have begun, or never will.
    for (let n = 0; n < 10; n += 1) await bench.file(key.secret, id);
    await until('nobody is waited for', () => waiting() === 0);
    const reply = await answered(waitFor(id, 30), () => write(id, { state: 'stored', stage: 'parse' }));
    expect(reply.body.status).toBe('processing');
  });

  it('answers before the stream when there is no such file', async () => {
    const response = await fetch(`${bench.url}/files/file-absent/events`, { headers: { authorization: `Bearer ${key.secret}` } });
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/json; charset=utf-8']);
    await response.arrayBuffer();
  });
});
