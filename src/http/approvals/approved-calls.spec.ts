import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApprovedCall } from '../../modules/approvals/approved-call.js';
import { ApprovedCalls } from './approved-calls.js';

const callOf = (body: string, signal = new AbortController().signal): ApprovedCall => ({
  ...{ tenantId: 'ten_1', id: 'apr_1', keyId: 'key_1', method: 'POST', idempotencyId: '', signal },
  head: { url: '/chat?a=1', headers: { 'content-type': 'application/json', host: 'gt.example' }, ip: '10.0.0.1' },
  body: Buffer.from(body),
  sending: () => Promise.resolve(),
});

/** A server that listens nowhere, and the connections that it has had. */
function serverOf(answer: RequestListener): { calls: ApprovedCalls; connections: Duplex[]; server: Server } {
  const server = createServer(answer);
  const connections: Duplex[] = [];
  server.on('connection', (connection: Duplex) => connections.push(connection));
  const calls = new ApprovedCalls();
  calls.through(server);
  return { calls, connections, server };
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('an approved call', () => {
  it('comes to the server as it was sent, and is known by its connection alone', async () => {
    let known: unknown;
    const { calls } = serverOf((request, response) => {
      known = calls.of(request);
      const { method, url, headers } = request;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(207, { 'content-type': 'text/plain', 'x-gt-request-id': 'req_1', etag: 'x' });
        response.end(JSON.stringify([method, url, headers['content-type'], headers.host, Buffer.concat(chunks).toString()]));
      });
    });
    const call = callOf('{"a":1}');
    const made = await calls.make(call);
    expect([made.status, made.headers, made.requestId]).toEqual([207, { 'content-type': 'text/plain' }, 'req_1']);
    expect(await textOf(made.body)).toBe('["POST","/chat?a=1","application/json","gt.example","{\\"a\\":1}"]');
    expect(known).toBe(call);
    expect(calls.of({ socket: {} as never })).toBeUndefined();
  });

  it('leaves no connection behind', async () => {
    const { calls, connections } = serverOf((_request, response) => void response.end('done'));
    expect(await textOf((await calls.make(callOf(''))).body)).toBe('done');
    expect(connections.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  it('throws where its answer breaks off, and where there is none', async () => {
    const { calls } = serverOf((request, response) => {
      if (request.headers['content-length'] === '4') return void request.socket.destroy();
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => request.socket.destroy());
    });
    const made = await calls.make(callOf('halves'));
    await expect(textOf(made.body)).rejects.toThrow();
    await expect(calls.make(callOf('none'))).rejects.toThrow();
  });

  it('ends with whoever reads it no further: the server hears of it', async () => {
    const left: Promise<unknown>[] = [];
    const { calls } = serverOf((_request, response) => {
      left.push(once(response, 'close'));
      response.write('first');
    });
    const stopping = new AbortController();
    const [broken, aborted] = [await calls.make(callOf('a')), await calls.make(callOf('b', stopping.signal))];
    for await (const chunk of broken.body) {
      expect(chunk.toString()).toBe('first');
      break;
    }
    stopping.abort(new Error('stopped'));
    await expect(textOf(aborted.body)).rejects.toThrow();
    expect(await Promise.all(left)).toHaveLength(2);
  });
});
