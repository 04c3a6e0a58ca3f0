import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Commands } from './commands.js';
import { Exchange } from './exchange.js';
import { SandboxState } from './sandbox-state.js';
import { SseWriter } from './sse-writer.js';

/** A real exchange whose client has asked and reads nothing until it is told to. */
async function openExchange(): Promise<{ exchange: Exchange; answer: Promise<IncomingMessage>; close: () => void }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrived = once(server, 'request');
  const client = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }).end();
  const answer = once(client, 'response').then(([response]: IncomingMessage[]) => {
    if (response === undefined) throw new Error('no response');
    return response;
  });
  const [incoming, response] = await arrived;
  const close = () => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  };
  return { exchange: new Exchange(incoming, response, new SandboxState(), '/'), answer, close };
}

/** Writes until a wait is asked for that outlives 50 turns of the event loop: then all buffers on the way are full. */
async function fillUp(writer: SseWriter): Promise<{ wait: Promise<void> }> {
  const text = 'x'.repeat(1000);
  for (let written = 0; written < 100_000_000; written += text.length) {
    const wait = writer.data(text);
    if (wait === undefined) continue;
    let over = false;
    void wait.then(() => (over = true));
    for (let turn = 0; turn < 50 && !over; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (!over) return { wait };
  }
  throw new Error('the writer never asked to be waited for');
}

describe('the event stream writer', () => {
  it('asks to be waited for when the client does not read, and goes on when it does', async () => {
    const { exchange, answer, close } = await openExchange();
    const { wait } = await fillUp(new SseWriter(exchange, Commands.none));
    expect(exchange.response.writableLength).toBeLessThan(1_000_000);
    (await answer).resume();
    await wait;
    expect(exchange.gone).toBe(false);
    close();
  });

  it('stops waiting when the client leaves', async () => {
    const { exchange, close } = await openExchange();
    const { wait } = await fillUp(new SseWriter(exchange, Commands.none));
    close();
    await wait;
    expect(exchange.gone).toBe(true);
    expect(exchange.abortedByClient).toBe(true);
  });
});
