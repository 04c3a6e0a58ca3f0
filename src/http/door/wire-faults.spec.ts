import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { answerBrokenRequest, endUnreadRequest } from './wire-faults.js';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** All that a client gets who sends these bytes and nothing more. */
async function answerTo(bytes: string, timeouts: object): Promise<string> {
  server = createServer(timeouts, () => undefined).on('clientError', answerBrokenRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

describe('a request that does not come', () => {
  it.each([
    ['its headers', 'GET / HTTP/1.1\r\nHost: x\r\n', { headersTimeout: 30, requestTimeout: 0, connectionsCheckingInterval: 10 }],
    [
      'its body',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12',
      { headersTimeout: 30, requestTimeout: 30, connectionsCheckingInterval: 10 },
    ],
  ])('without %s it is answered 408 in the envelope, and the connection ends', async (_part, bytes, timeouts) => {
    const [head = '', body = ''] = (await answerTo(bytes, timeouts)).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(head).toMatch(/\r\nx-gt-request-id: req_[0-9A-Za-z]{24}(\r\n|$)/);
    expect(JSON.parse(body)).toEqual({
      error: {
        message: 'The request did not arrive in time.',
        type: 'invalid_request_error',
        param: null,
        code: 'request_timeout',
      },
    });
  });
});

describe('requests that are answered before their bodies are read', () => {
  it.each([
    ['with its head', false],
    ['behind its answer', true],
  ])('leave nothing on a connection that lives on: each body comes %s', async (_when, isLate) => {
    const listeners: number[] = [];
    server = createServer((request, response) => {
      listeners.push(request.socket.listenerCount('close'));
      response.once('close', () => endUnreadRequest(request));
      response.writeHead(401, { 'content-length': 2 }).end('no');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const body = 'x'.repeat(500);
    for (let sent = 0; sent < 20; sent += 1) {
      socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n${isLate ? '' : body}`);
      await once(socket, 'data');
      if (isLate) socket.write(body);
    }
    socket.destroy();
    expect(listeners).toHaveLength(20);
    // A body that comes together with the next head is still waited for when that is read.
    expect(Math.max(...listeners) - Math.min(...listeners)).toBeLessThanOrEqual(isLate ? 1 : 0);
  });
});
