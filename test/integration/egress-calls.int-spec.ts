import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FairPlaces } from '../../src/kernel/fair-places.js';
import { addresses, EgressBench, startCall, until } from '../support/egress.js';

const bench = new EgressBench();
afterEach(() => bench.close());

const head = 'HTTP/1.1 200 OK\r\n';

describe('calls of tenants', () => {
  /** A provider that holds every call, and a client with two places. */
  async function held(bounds: { maxWaiting?: number; waitMs?: number } = {}) {
    const responses: ServerResponse[] = [];
    const provider = await bench.http((_request, response) => void responses.push(response));
    const places = new FairPlaces({ places: 2, maxWaiting: 10, waitMs: 20_000, ...bounds });
    const client = bench.client({ options: { places } });
    const start = (tenantId?: string) => startCall(client, { origin: provider.origin, tenantId });
    return { responses, places, start };
  }

  it('share their places, wait for one in line, and leave it however they end', async () => {
    const { responses, places, start } = await held();
    const [one, two, three] = [start('a'), start('a'), start('a')];
    const other = start('b');
    await until(() => responses.length === 2);
    one.cancel();
    await until(() => responses.length === 3);
    expect([places.taken, places.waiting]).toEqual([2, 1]);
    other.cancel();
    for (const response of responses.slice(0, 2)) response.destroy();
    await until(() => responses.length === 4);
    responses[3]?.end('ok');
    expect((await two.done).failure).toMatchObject({ kind: 'broken' });
    expect((await three.done).body.toString()).toBe('ok');
    expect([places.taken, places.waiting]).toEqual([0, 0]);
  });

  it('leave the line when nobody waits for them any more', async () => {
    const { responses, places, start } = await held();
    const calls = [start('a'), start('a'), start('a')];
    await until(() => responses.length === 2);
    for (const call of calls.toReversed()) call.cancel();
    expect([places.taken, places.waiting, responses.length]).toEqual([0, 0, 2]);
  });

  it.each([
    ['too many wait', { maxWaiting: 1 }],
    ['they have waited too long', { waitMs: 1 }],
  ])('fail as busy, unsent, where %s', async (_why, bounds) => {
    const { start } = await held(bounds);
    const calls = Array.from({ length: 4 }, () => start('a'));
    const first = await Promise.race(calls.map(({ done }) => done));
    expect(first.failure).toMatchObject({ kind: 'busy', sent: false });
    for (const call of calls) call.cancel();
  });

  it('never hold up those of the platform', async () => {
    const { responses, start } = await held();
    start('a');
    start('a');
    start();
    await until(() => responses.length === 3);
  });
});

describe('a whole call', () => {
  it('sends the body once and hands over head and bytes, without the heads before the final one', async () => {
    const provider = await bench.http((request, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.writeHead(201, { 'X-Provider': 'yes', 'set-cookie': ['a', 'b'] });
      response.write(`${request.headers['content-length']} `);
      request.on('data', (chunk: Buffer) => response.write(chunk)).on('end', () => response.end());
    });
    const heard = await startCall(bench.client(), { origin: provider.origin, body: Buffer.from('{"a":1}') }).done;
    expect([heard.status, heard.headers['x-provider'], heard.headers['set-cookie']]).toEqual([201, 'yes', ['a', 'b']]);
    expect(heard.body.toString()).toBe('7 {"a":1}');
    expect(heard.events.filter((event) => event !== 'data')).toEqual(['head', 'end']);
  });

  it('uses the connection of the call before it', async () => {
    const provider = await bench.http((_request, response) => response.end('ok'));
    const client = bench.client();
    for (let call = 0; call < 20; call += 1) await startCall(client, { origin: provider.origin }).done;
    // A call started from within the end of another finds that one's connection not free yet.
    expect(provider.connections()).toBeLessThanOrEqual(2);
  });

  it('is sent when the provider has read it whole, and not while a provider that has answered leaves it unread', async () => {
    const body = Buffer.alloc(32 * 1024 * 1024, 'x');
    const reading = await bench.http((request, response) => void request.resume().on('end', () => response.end('ok')));
    const read = startCall(bench.client(), { origin: reading.origin, body });
    expect(read.sent).toBe(false);
    await read.done;
    expect(read.sent).toBe(true);
    const unreading = await bench.unreading(`${head}content-length: 2\r\n\r\nok`);
    const unread = startCall(bench.client(), { origin: unreading.origin, body });
    await unread.done;
    expect(unread.sent).toBe(false);
  });

  it('sends a body that is a stream as fast as the provider takes it, and lets it go when the call is over', async () => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    let made = 0;
    async function* pieces(): AsyncGenerator<Buffer> {
      for (; made < 2_000; made += 1) yield await Promise.resolve(piece);
    }
    let read = 0;
    const reading = await bench.http((request, response) => {
      request.on('data', (chunk: Buffer) => (read += chunk.length)).on('end', () => response.end(String(read)));
    });
    const whole = await startCall(bench.client(), { origin: reading.origin, body: pieces() }).done;
    expect(whole.body.toString()).toBe(String(2_000 * piece.length));
    made = 0;
    const unreading = await bench.unreading(`${head}content-length: 2\r\n\r\nok`);
    const body = Readable.from(pieces(), { objectMode: false });
    const unread = startCall(bench.client(), { origin: unreading.origin, body });
    await unread.done;
    await until(() => body.destroyed);
    expect(made).toBeLessThan(1_500);
  });

  it('fails when the stream of its body breaks off', async () => {
    const provider = await bench.http((request, response) => void request.resume().on('end', () => response.end('ok')));
    const body = Readable.from(
      (function* () {
        yield 'half';
        throw new Error('the source is gone');
      })(),
      { objectMode: false },
    );
    expect((await startCall(bench.client(), { origin: provider.origin, body }).done).failure).toMatchObject({ kind: 'broken' });
  });

  it('never waits for another call to the same origin', async () => {
    const waiting: ServerResponse[] = [];
    const provider = await bench.http((_request, response) => {
      waiting.push(response);
      if (waiting.length === 50) for (const each of waiting) each.end('ok');
    });
    const client = bench.client();
    const all = await Promise.all(Array.from({ length: 50 }, () => startCall(client, { origin: provider.origin }).done));
    expect(all.map((heard) => heard.body.toString())).toEqual(Array.from({ length: 50 }, () => 'ok'));
  });
});

describe('the limits', () => {
  it('ends a call whose provider does not begin to answer', async () => {
    const provider = await bench.http(() => undefined);
    const call = startCall(bench.client({ config: { GT_UPSTREAM_FIRST_BYTE_MS: 100 } }), { origin: provider.origin });
    expect((await call.done).failure).toMatchObject({ kind: 'timeout_first_byte', sent: true });
    expect(call.heard.events).toEqual(['failure']);
  });

  it('ends a call whose provider falls silent, but not one that is paused', async () => {
    const provider = await bench.raw((socket) => socket.write(`${head}content-length: 10\r\n\r\nhello`));
    const client = bench.client({ config: { GT_UPSTREAM_IDLE_MS: 100 } });
    const paused = startCall(client, { origin: provider.origin }, { pauseAtData: true });
    await paused.onFirstData;
    const silent = startCall(client, { origin: provider.origin });
    expect((await silent.done).failure).toMatchObject({ kind: 'timeout_idle', sent: true });
    expect(silent.heard.events).toEqual(['head', 'data', 'failure']);
    expect((await startCall(client, { origin: provider.origin }).done).failure).toMatchObject({ kind: 'timeout_idle' });
    expect(paused.heard.events).toEqual(['head', 'data']);
    paused.resume();
    expect((await paused.done).failure).toMatchObject({ kind: 'timeout_idle' });
  });

  it('ends a call that lasts too long, however lively, and stops the provider', async () => {
    let closed = false;
    const provider = await bench.http((_request, response) => {
      const ticking = setInterval(() => response.write('x'), 5);
      response.on('close', () => {
        closed = true;
        clearInterval(ticking);
      });
    });
    const call = startCall(bench.client({ config: { GT_UPSTREAM_TOTAL_MS: 100 } }), { origin: provider.origin });
    expect((await call.done).failure).toMatchObject({ kind: 'timeout_total', sent: true });
    await until(() => closed);
  });

  it('counts the time in which a body still comes into no limit, and begins when it is sent', async () => {
    const provider = await bench.http((request, response) => void request.resume().on('end', () => response.write('x')));
    const silent = await bench.http(() => undefined);
    const client = bench.client({ config: { GT_UPSTREAM_TOTAL_MS: 100 } });
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    async function* slow(): AsyncGenerator<Buffer> {
      yield Buffer.from('half');
      await ended;
      yield Buffer.from('whole');
    }
    const call = startCall(client, { origin: provider.origin, body: slow() });
    // Two other calls run into the limit meanwhile, one after the other.
    for (let other = 0; other < 2; other += 1)
      expect((await startCall(client, { origin: silent.origin }).done).failure).toMatchObject({ kind: 'timeout_total' });
    expect(call.heard.events).toEqual([]);
    end();
    expect((await call.done).failure).toMatchObject({ kind: 'timeout_total', sent: true });
    expect(call.heard.events).toEqual(['head', 'data', 'failure']);
  });

  it('ends a call whose provider does not take a body that comes', async () => {
    const unreading = await bench.unreading('');
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) yield await Promise.resolve(Buffer.alloc(64 * 1024));
    }
    const client = bench.client({ config: { GT_UPSTREAM_TOTAL_MS: 500 } });
    const call = startCall(client, { origin: unreading.origin, body: endless() });
    expect((await call.done).failure).toMatchObject({ kind: 'timeout_total', sent: true });
  });

  it('counts the wait for a connection into the total, with nothing sent', async () => {
    let answer: (value: ReturnType<typeof addresses>) => void = () => undefined;
    const resolve = () => new Promise<ReturnType<typeof addresses>>((done) => (answer = done));
    const provider = await bench.http((_request, response) => response.end('late'));
    const client = bench.client({ config: { GT_UPSTREAM_TOTAL_MS: 50 }, resolve });
    const origin = `http://slow.example.com:${provider.port}`;
    const call = startCall(client, { origin });
    expect((await call.done).failure).toMatchObject({ kind: 'timeout_total', sent: false });
    let requests = 0;
    provider.server.on('request', () => (requests += 1));
    answer(addresses('127.0.0.1'));
    await until(() => provider.connections() === 1);
    expect((await startCall(client, { origin }).done).body.toString()).toBe('late');
    expect([requests, provider.connections(), call.heard.events]).toEqual([1, 1, ['failure']]);
  });
});

describe('cancel', () => {
  it.each([
    ['before the head', (_response: ServerResponse) => undefined],
    ['in the middle of a stream', (response: ServerResponse) => response.write('data: 1\n\n')],
  ])('is seen by the provider, whose answer would never end: %s', async (_name, answer) => {
    let reached = false;
    let closed = false;
    const provider = await bench.http((_request, response) => {
      reached = true;
      response.on('close', () => (closed = true));
      answer(response);
    });
    const call = startCall(bench.client(), { origin: provider.origin });
    await until(() => reached);
    const before = [...call.heard.events];
    expect(closed).toBe(false);
    call.cancel();
    call.cancel();
    await until(() => closed);
    expect(call.heard.events).toEqual(before);
  });

  it('from within a chunk ends the chunks', async () => {
    let closed = false;
    const provider = await bench.raw((socket) => {
      socket.on('close', () => (closed = true));
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n`);
    });
    const events: string[] = [];
    const handle = bench.client().dispatch(
      { origin: provider.origin, path: '/', method: 'GET', headers: [], body: null },
      {
        onHead: () => events.push('head'),
        onData: (chunk) => {
          events.push(chunk.toString());
          handle.cancel();
        },
        onEnd: () => events.push('end'),
        onFailure: () => events.push('failure'),
      },
    );
    await until(() => closed);
    expect(events).toEqual(['head', 'a']);
  });

  it('before the connection stands sends nothing, and the next call is served', async () => {
    const seen: (string | undefined)[] = [];
    const provider = await bench.http((request, response) => {
      seen.push(request.url);
      response.end('ok');
    });
    const client = bench.client();
    const cancelled = startCall(client, { origin: provider.origin, path: '/cancelled' });
    cancelled.cancel();
    expect((await startCall(client, { origin: provider.origin, path: '/next' }).done).body.toString()).toBe('ok');
    expect([seen, cancelled.heard.events]).toEqual([['/next'], []]);
  });

  it('of a call that cannot start is silent too', async () => {
    const client = bench.client({ allow: 'false' });
    const call = startCall(client, { origin: 'no origin' });
    call.cancel();
    await startCall(client, { origin: 'no origin' }).done;
    expect(call.heard.events).toEqual([]);
  });
});

describe('pause', () => {
  it('makes a fast provider wait instead of filling memory, and loses no byte', async () => {
    const total = 64 * 1024 * 1024;
    const piece = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    let blocked = false;
    const provider = await bench.http((_request, response) => {
      const write = () => {
        blocked = false;
        while (written < total) {
          written += piece.length;
          if (!response.write(piece)) {
            blocked = true;
            return response.once('drain', write);
          }
        }
        return response.end();
      };
      write();
    });
    let [received, widest, whilePaused] = [0, 0, 0];
    let isPaused = false;
    await new Promise<void>((resolve, reject) => {
      const handle = bench.client().dispatch(
        { origin: provider.origin, path: '/', method: 'GET', headers: [], body: null },
        {
          onHead: () => undefined,
          onData: (chunk) => {
            if (isPaused) whilePaused += 1;
            received += chunk.length;
            isPaused = true;
            handle.pause();
            void until(() => blocked || written >= total).then(() => {
              widest = Math.max(widest, written - received);
              isPaused = false;
              handle.resume();
            });
          },
          onEnd: resolve,
          onFailure: ({ cause }) => reject(cause as Error),
        },
      );
    });
    expect([received, whilePaused]).toEqual([total, 0]);
    // What lies between is the two sockets' buffers in the kernel, a few megabytes.
    expect(widest).toBeLessThan(24 * 1024 * 1024);
  });

  it('before the head holds back the body', async () => {
    let answered = false;
    const provider = await bench.http((_request, response) => response.end('hello', () => (answered = true)));
    const client = bench.client();
    const call = startCall(client, { origin: provider.origin });
    call.pause();
    await until(() => answered && call.heard.events.includes('head'));
    await startCall(client, { origin: provider.origin }).done;
    expect(call.heard.events).toEqual(['head']);
    call.resume();
    expect((await call.done).body.toString()).toBe('hello');
  });

  const framings = [
    ['a length', 'content-length: 5\r\n\r\nhello', 'end'],
    ['a length, cut', 'content-length: 9\r\n\r\nhello', 'failure'],
    ['chunks', 'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', 'end'],
    ['chunks, cut', 'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n', 'failure'],
    ['chunks, cut in one', 'transfer-encoding: chunked\r\n\r\n9\r\nhello', 'failure'],
    ['its closing as end', 'connection: close\r\n\r\nhello', 'end'],
  ] as const;
  const closings = framings.flatMap(([name, text, outcome]) =>
    (['keep-alive', 'close'] as const).map(
      (connection) =>
        [name, connection, `connection: ${connection}\r\n${text.replace('connection: close\r\n', '')}`, outcome] as const,
    ),
  );

  // undici 7 alone ends the process in several of these (its issue 5360).
  it.each(closings.filter(([name, connection]) => name !== 'its closing as end' || connection === 'close'))(
    'survives a provider that closes the connection meanwhile: %s, connection: %s',
    async (_name, _connection, text, outcome) => {
      let close: () => void = () => undefined;
      const provider = await bench.raw((socket) => {
        close = () => socket.end();
        socket.write(head + text);
      });
      const client = bench.client();
      const call = startCall(client, { origin: provider.origin }, { pauseAtData: true });
      await call.onFirstData;
      close();
      await bench.barrier(client);
      call.resume();
      const heard = await call.done;
      expect([heard.body.toString(), heard.events.at(-1)]).toEqual(['hello', outcome]);
      if (outcome === 'failure') expect(heard.failure).toMatchObject({ kind: 'broken', sent: true });
    },
  );

  it.each(closings)('reports a reset meanwhile as broken: %s, connection: %s', async (_name, _connection, text) => {
    const provider = await bench.unreading(head + text);
    const client = bench.client();
    const paused = startCall(client, { origin: provider.origin }, { pauseAtData: true });
    await paused.onFirstData;
    provider.reset();
    await bench.barrier(client);
    paused.resume();
    expect((await paused.done).failure).toMatchObject({ kind: 'broken', sent: true });
  });
});

describe('a broken reply', () => {
  it.each([
    ['a reset before the head', ''],
    ['a reset within the head', 'HTTP/1.1 200 O'],
    ['a reset within a reply that ends with the connection', `${head}connection: close\r\n\r\nhello`],
    ['a reset within a reply with a length', `${head}content-length: 9\r\n\r\nhello`],
  ])('is never whole: %s', async (_name, text) => {
    const provider = await bench.unreading(text);
    const client = bench.client();
    const call = startCall(client, { origin: provider.origin });
    await bench.barrier(client);
    provider.reset();
    const heard = await call.done;
    expect(heard.failure).toMatchObject({ kind: 'broken', sent: true });
    expect(heard.events.filter((event) => event === 'failure' || event === 'end')).toEqual(['failure']);
  });

  it.each([
    ['a length that is not reached', `${head}content-length: 9\r\nconnection: close\r\n\r\nhello`],
    ['no last chunk', `${head}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['an upgrade nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['a head that is too large', `${head}x-a: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['nothing', ''],
  ])('is reported once: %s', async (_name, text) => {
    const provider = await bench.raw((socket) => socket.end(text));
    const heard = await startCall(bench.client(), { origin: provider.origin }).done;
    expect(heard.failure).toMatchObject({ kind: 'broken', sent: true });
    expect(heard.events.filter((event) => event === 'failure' || event === 'end')).toEqual(['failure']);
  });

  it('on a kept connection counts as sent and is not repeated', async () => {
    let requests = 0;
    const provider = await bench.raw((socket) => {
      requests += 1;
      socket.write(`${head}content-length: 2\r\n\r\nok`);
      socket.once('data', () => {
        requests += 1;
        socket.resetAndDestroy();
      });
    });
    const client = bench.client();
    expect((await startCall(client, { origin: provider.origin }).done).body.toString()).toBe('ok');
    await bench.barrier(client);
    expect((await startCall(client, { origin: provider.origin }).done).failure).toMatchObject({ kind: 'broken', sent: true });
    expect([requests, provider.connections()]).toEqual([2, 1]);
  });

  it('does not come of a kept connection that the provider has closed in the meantime', async () => {
    const provider = await bench.raw((socket) => socket.end(`${head}content-length: 2\r\n\r\nok`));
    const client = bench.client();
    for (let call = 0; call < 3; call += 1) {
      expect((await startCall(client, { origin: provider.origin }).done).events.at(-1)).toBe('end');
      await bench.barrier(client);
    }
    expect(provider.connections()).toBe(3);
  });

  it('comes of a handler that throws, once', async () => {
    const provider = await bench.http((_request, response) => response.write('hello'));
    const failure = await new Promise((resolve) => {
      bench.client().dispatch(
        { origin: provider.origin, path: '/', method: 'GET', headers: [], body: null },
        {
          onHead: () => undefined,
          onData: () => {
            throw new Error('a fault of ours');
          },
          onEnd: () => resolve('end'),
          onFailure: resolve,
        },
      );
    });
    expect(failure).toMatchObject({ kind: 'broken', sent: true, cause: { message: 'a fault of ours' } });
  });
});

describe('pools', () => {
  it('give way to newer ones without breaking a running call', async () => {
    const running: ServerResponse[] = [];
    const first = await bench.http((_request, response) => {
      response.write('a');
      running.push(response);
    });
    const second = await bench.http((_request, response) => response.end('b'));
    const client = bench.client({ options: { maxPools: 1 } });
    const call = startCall(client, { origin: first.origin });
    await call.onFirstData;
    expect((await startCall(client, { origin: second.origin }).done).body.toString()).toBe('b');
    expect(client.openPools).toBe(1);
    running[0]?.end('c');
    expect((await call.done).body.toString()).toBe('ac');
  });

  it('are dropped when they are not used, without breaking a running call', async () => {
    let response: ServerResponse | undefined;
    const provider = await bench.http((_request, reply) => {
      response = reply;
      reply.write('a');
    });
    const client = bench.client({ options: { idleMs: 20 } });
    const call = startCall(client, { origin: provider.origin });
    await call.onFirstData;
    await until(() => client.openPools === 0);
    response?.end('b');
    expect((await call.done).body.toString()).toBe('ab');
  });
});

describe('shutdown', () => {
  it('lets a running call finish and refuses new ones', async () => {
    let response: ServerResponse | undefined;
    const provider = await bench.http((_request, reply) => {
      response = reply;
      reply.write('a');
    });
    const client = bench.client({ config: { GT_SHUTDOWN_GRACE_MS: 10_000 } });
    const call = startCall(client, { origin: provider.origin });
    await call.onFirstData;
    const stopped = client.onApplicationShutdown();
    expect((await startCall(client, { origin: provider.origin }).done).failure).toMatchObject({ kind: 'refused', sent: false });
    response?.end('b');
    expect((await call.done).body.toString()).toBe('ab');
    await stopped;
  });

  it('cuts what still runs after the grace time', async () => {
    const provider = await bench.http((_request, response) => response.write('a'));
    const client = bench.client({ config: { GT_SHUTDOWN_GRACE_MS: 20 } });
    const call = startCall(client, { origin: provider.origin });
    await call.onFirstData;
    await client.onApplicationShutdown();
    expect((await call.done).failure).toMatchObject({ kind: 'broken', sent: true });
  });
});
