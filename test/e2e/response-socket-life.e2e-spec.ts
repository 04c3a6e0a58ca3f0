import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { statsOf } from '../support/relay.js';
import { isLast, openSocket, refusedUpgrade, type SocketClient } from '../support/response-socket.js';
import { until } from '../support/until.js';

let platform: TestPlatform;
let key: SeededKey;

beforeAll(async () => {
  const settings = { GT_SOCKETS_PER_KEY: '2', GT_MAX_JSON_BYTES: '65536' };
  platform = await startPlatform({ settings });
  key = await platform.factory.key(platform.acme);
});
afterAll(() => platform.close());

const open = (secret = key.secret) => openSocket(platform.app.baseUrl, secret);
const endless = { input: '[[chunks:100000]] [[pace:10]] hello', store: false };
const isDelta = ({ type }: { type: string }) => type === 'response.output_text.delta';

describe('lanes', () => {
  it('run side by side, and in each one call after the other, every event with the name of its lane', async () => {
    const socket = await open();
    socket.send({ input: '[[chunks:40]] [[pace:20]] a1', stream_id: 'a', store: false });
    socket.send({ input: 'a2', stream_id: 'a', store: false });
    socket.send({ input: 'b1', stream_id: 'b', store: false });
    await until('all three have ended', () => socket.events.filter(isLast).length === 3);
    expect(socket.events.every(({ stream_id: lane }) => lane === 'a' || lane === 'b')).toBe(true);
    const ofA = socket.events.filter(({ stream_id: lane }) => lane === 'a').map(({ type }) => type);
    expect(ofA.filter((type) => type === 'response.created')).toHaveLength(2);
    expect(ofA.lastIndexOf('response.created')).toBeGreaterThan(ofA.indexOf('response.completed'));
    const ends = socket.events.filter(isLast).map(({ stream_id: lane }) => lane);
    expect(ends).toEqual(['b', 'a', 'a']);
    socket.close();
    await socket.closed;
  });

  it('that would be too many are refused, and so is what would wait too long', async () => {
    const socket = await open();
    for (let at = 0; at < 40; at += 1) socket.send({ ...endless, stream_id: 'one' });
    const refused = await socket.next(({ type }) => type === 'error');
    expect([refused.status, refused.error.code, refused.stream_id]).toEqual([429, 'rate_limit_exceeded', 'one']);
    await until('the others are refused', () => socket.events.filter(({ type }) => type === 'error').length === 23);
    socket.close();
    await socket.closed;
    await until('the provider has no call any more', async () => (await statsOf(platform.sandbox)).active === 0);
  });
});

describe('a socket', () => {
  it('is closed when its key is revoked, and its calls end', async () => {
    const own = await platform.factory.key(platform.acme);
    const socket = await open(own.secret);
    socket.send(endless);
    await socket.next(isDelta);
    expect((await platform.app.admin('POST', `/keys/${own.id}/revoke?tenant=acme`)).status).toBe(200);
    expect((await socket.closed).code).toBe(1008);
    await until('the provider has no call any more', async () => (await statsOf(platform.sandbox)).active === 0);
  });

  it('that its client leaves ends the call at the provider', async () => {
    const socket = await open();
    socket.send(endless);
    await socket.next(isDelta);
    socket.close();
    await until('the provider has no call any more', async () => (await statsOf(platform.sandbox)).active === 0);
  });

  it('is one of so many that a key may have', async () => {
    const own = await platform.factory.key(platform.acme);
    const [first, second] = [await open(own.secret), await open(own.secret)];
    const url = `${platform.app.baseUrl}/responses`;
    const third = await refusedUpgrade(url, { authorization: `Bearer ${own.secret}` });
    expect([third.status, third.body.error.code]).toEqual([429, 'rate_limit_exceeded']);
    first.close();
    const again = await until('there is room again', () => open(own.secret));
    again.close();
    second.close();
  });

  it('takes no frame that is larger than a body', async () => {
    const socket = await open();
    socket.send({ input: 'x'.repeat(70_000) });
    expect((await socket.closed).code).toBe(1009);
  });

  it('that is read slowly holds its provider back', async () => {
    const socket = await open();
    socket.raw.pause();
    socket.send({ input: '[[huge:30000000]] [[chunks:3000]] hello', store: false });
    await until('the call is there', async () => (await statsOf(platform.sandbox)).active === 1);
    expect((await socketCallsAfterASecond()).active).toBe(1);
    socket.raw.resume();
    await socket.next(isLast);
    socket.close();
  });
});

/** Another socket's call goes on meanwhile. */
async function socketCallsAfterASecond() {
  const other = await open((await platform.factory.key(platform.acme)).secret);
  await other.ask({ input: 'hello', store: false });
  other.close();
  return statsOf(platform.sandbox);
}

/** Begins a frame of so many bytes and sends without an end. @returns a look at how many bytes have been taken. */
function flood(socket: SocketClient, frameBytes: number): { readonly taken: () => number; readonly ended: Promise<unknown> } {
  const { _socket: raw } = socket.raw as unknown as { readonly _socket: Socket };
  const header = Buffer.alloc(14);
  header.set([0x81, 0xff]);
  header.writeBigUInt64BE(BigInt(frameBytes), 2);
  raw.write(header);
  const chunk = Buffer.alloc(256 * 1024, 0x20);
  const more = (): void => {
    while (!raw.destroyed && raw.write(chunk));
  };
  raw.on('drain', more);
  more();
  return { taken: () => raw.bytesWritten - raw.writableLength, ended: new Promise((resolve) => raw.once('close', resolve)) };
}

describe('a socket whose close has begun', () => {
  it.each([
    { why: 'there is no room for more', code: 1013, frameBytes: 60_000_000 },
    { why: 'a frame is too large', code: 1009, frameBytes: 1_000_000_000 },
  ])('is not read on and is cut off when $why', async ({ code, frameBytes }) => {
    const small = await startPlatform({ settings: { GT_MAX_BODIES_BYTES: '3000000', GT_MAX_JSON_BYTES: '64000000' } });
    const { secret } = await small.factory.key(small.acme);
    const socket = await openSocket(small.app.baseUrl, secret);
    const { taken, ended } = flood(socket, frameBytes);
    await ended;
    expect((await socket.closed).code).toBe(code);
    // What the system's own buffers hold on both sides; the rest was never read.
    expect(taken()).toBeLessThan(80_000_000);
    const again = await openSocket(small.app.baseUrl, secret);
    expect((await again.ask({ input: 'hello', store: false })).at(-1).type).toBe('response.completed');
    again.close();
    await small.close();
  });

  it('ends its running call at once when a frame is too large', async () => {
    const socket = await open();
    socket.send({ ...endless, stream_id: 'running' });
    await socket.next(isDelta);
    socket.send({ input: 'x'.repeat(70_000) });
    expect((await socket.closed).code).toBe(1009);
    await until('the provider has no call any more', async () => (await statsOf(platform.sandbox)).active === 0);
  });
});

describe('an old socket', () => {
  it('lets its call end, is told that it is too old, and closes', async () => {
    const short = await startPlatform({ settings: { GT_SOCKET_MAX_MS: '1500' } });
    const { secret } = await short.factory.key(short.acme);
    const socket = await openSocket(short.app.baseUrl, secret);
    socket.send({ input: '[[chunks:60]] [[pace:50]] hello', store: false });
    const { code } = await socket.closed;
    expect(code).toBe(1001);
    expect(socket.events.slice(-2).map(({ type }) => type)).toEqual(['response.completed', 'error']);
    expect(socket.events.at(-1)).toMatchObject({ status: 400, error: { code: 'websocket_connection_limit_reached' } });
    await short.close();
  });

  it('of a process that stops is closed behind its running call', async () => {
    const stopping = await startPlatform();
    const { secret } = await stopping.factory.key(stopping.acme);
    const [idle, busy] = [await openSocket(stopping.app.baseUrl, secret), await openSocket(stopping.app.baseUrl, secret)];
    busy.send({ input: '[[chunks:30]] [[pace:30]] hello', store: false });
    await busy.next(isDelta);
    const stopped = stopping.close();
    expect((await idle.closed).code).toBe(1001);
    expect((await busy.closed).code).toBe(1001);
    expect(busy.events.at(-1).type).toBe('response.completed');
    await stopped;
  });
});

describe('a peer that is dead', () => {
  it('is cut off', async () => {
    const quick = await startPlatform({ settings: { GT_SOCKET_PING_MS: '200' } });
    const { secret } = await quick.factory.key(quick.acme);
    const alive = await openSocket(quick.app.baseUrl, secret);
    const dead = await openSocket(quick.app.baseUrl, secret, { autoPong: false });
    expect((await dead.closed).code).toBe(1006);
    expect((await alive.ask({ input: 'hello', store: false })).at(-1).type).toBe('response.completed');
    alive.close();
    await quick.close();
  });
});
