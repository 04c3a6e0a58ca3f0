import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify';
import { replyError, toAppError } from '../reply/error-reply.js';
import { startContext } from '../door/request-start.js';
import { BodyRooms } from './body-rooms.js';
import { BodyBudget, registerBodyParsers } from './json-body.js';
import { usualPatience, type BodyPatience } from './slow-bodies.js';

let app: FastifyInstance;
afterEach(() => app.close());

/** A server with our body parser alone; its route tells how many bytes came. */
async function serve(patience: Partial<BodyPatience>): Promise<number> {
  app = fastify({ forceCloseConnections: true });
  registerBodyParsers(app, 1_000_000, new BodyBudget(3_000_000), new BodyRooms(), { ...usualPatience, ...patience });
  app.decorateRequest('gt', null as unknown as FastifyRequest['gt']);
  app.addHook('onRequest', (incoming, _reply, done) => {
    incoming.gt = startContext(incoming);
    done();
  });
  app.setErrorHandler((error, incoming, reply) => replyError(incoming, reply, toAppError(error)));
  app.post('/', (incoming) => ({ bytes: (incoming.body as Buffer).length }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
}

/** Sends pieces of a body, each `everyMs` after the one before, until they are all sent or an answer has come. */
function send(
  port: number,
  pieces: readonly string[],
  length: number,
  everyMs: number,
): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/json', 'content-length': length },
    });
    const rest = [...pieces];
    const timer = setInterval(() => {
      const piece = rest.shift();
      if (piece === undefined) clearInterval(timer);
      else call.write(piece);
    }, everyMs);
    call.on('error', reject).on('response', (response) => {
      clearInterval(timer);
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve({ status: response.statusCode, text }));
      call.on('error', () => undefined);
    });
  });
}

describe('a body that does not come', () => {
  it('is given up with 408 after a silence', async () => {
    const port = await serve({ idleMs: 100, totalMs: 60_000 });
    const { status, text } = await send(port, ['{"a":'], 100, 1);
    expect([status, (JSON.parse(text) as { error: { code: string } }).error.code]).toEqual([408, 'request_timeout']);
  });

  it('is given up with 408 when it only drips', async () => {
    const port = await serve({ idleMs: 1_000, totalMs: 200 });
    expect(
      (
        await send(
          port,
          Array.from({ length: 1000 }, () => ' '),
          1000,
          20,
        )
      ).status,
    ).toBe(408);
  });

  it('is given up with 408 when it drips after a fast beginning', async () => {
    const port = await serve({ idleMs: 1_000, paceMs: 200, paceBytes: 1_000 });
    const pieces = ['x'.repeat(50_000), ...Array.from({ length: 1_000 }, () => ' ')];
    expect((await send(port, pieces, 60_000, 20)).status).toBe(408);
  });

  it('is given up within 75 s when it drips', () => {
    const { idleMs, paceMs } = usualPatience;
    // Two spans at most, each of which may be noticed one look late; a tenth of the longest silence lies between looks.
    expect(2 * (paceMs + idleMs / 10)).toBeLessThanOrEqual(75_000);
  });

  it('is taken when it comes slowly but in time', async () => {
    const port = await serve({ idleMs: 5_000, totalMs: 20_000 });
    expect(await send(port, ['{"a":', '1', '}'], 7, 30)).toEqual({ status: 200, text: '{"bytes":7}' });
  });
});
