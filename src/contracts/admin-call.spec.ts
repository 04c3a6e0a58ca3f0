import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AdminCallError, callAdmin } from './admin-call.js';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Calls a server that answers in this way; what came of it, and the events that were heard on the way. */
async function callTo(listener: RequestListener, limitMs = 30_000): Promise<{ answer: unknown; heard: unknown[] }> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const heard: unknown[] = [];
  const answer = await callAdmin({
    method: 'POST',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    credential: { token: 'gtad_x' },
    body: {},
    limitMs,
    onEvent: (event, data) => heard.push([event, data]),
  }).catch((error: unknown) => error);
  return { answer, heard };
}

const events = { 'content-type': 'text/event-stream; charset=utf-8' };

describe('a call of the admin plane', () => {
  it('gives the last event and hears the others, however the bytes are cut', async () => {
    const text = ': ping\n\nevent: x.progress\ndata: {"done":1,"name":"ä"}\n\nevent: x.done\ndata: {"object":"x"}\n\n';
    const { answer, heard } = await callTo((request, response) => {
      expect(request.headers.accept).toContain('text/event-stream');
      response.writeHead(200, events).flushHeaders();
      const bytes = [...Buffer.from(text)];
      const next = (): void => {
        const byte = bytes.shift();
        if (byte === undefined) response.end();
        else response.write(Buffer.of(byte), () => setImmediate(next));
      };
      next();
    });
    expect(answer).toEqual({ object: 'x' });
    expect(heard).toEqual([['x.progress', { done: 1, name: 'ä' }]]);
  });

  it('throws the error that an event tells', async () => {
    const error = { message: 'No.', type: 'server_error', param: null, code: 'overloaded' };
    const { answer } = await callTo((_request, response) => {
      response.writeHead(200, events).end(`event: x.progress\ndata: {}\n\ndata: ${JSON.stringify({ error })}\n\n`);
    });
    expect(answer).toBeInstanceOf(AdminCallError);
    expect(answer).toMatchObject({ refusal: { message: 'No.', param: null, code: 'overloaded' } });
  });

  it.each([
    ['breaks off', (close: () => void) => setImmediate(close)],
    ['ends without an answer', undefined],
  ])('throws when the stream %s', async (_how, breakOff) => {
    const { answer } = await callTo((_request, response) => {
      response.writeHead(200, events).write('event: x.progress\ndata: {}\n\n');
      if (breakOff === undefined) response.end();
      else breakOff(() => response.destroy());
    });
    expect(answer).toBeInstanceOf(AdminCallError);
    expect(answer).toMatchObject({ refusal: null });
  });

  it('reads plain JSON of a platform that has no events, good or refused', async () => {
    const json = { 'content-type': 'application/json' };
    expect((await callTo((_request, response) => response.writeHead(200, json).end('{"a":1}'))).answer).toEqual({ a: 1 });
    server.close();
    const refused = await callTo((_request, response) => response.writeHead(404, json).end('{"error":{"message":"None."}}'));
    expect(refused.answer).toMatchObject({ status: 404, refusal: { message: 'None.', param: null, code: null } });
  });

  it('gives up a stream that is silent', async () => {
    const { answer } = await callTo((_request, response) => response.writeHead(200, events).flushHeaders(), 100);
    expect(answer).toMatchObject({ name: 'TimeoutError' });
  });
});
