import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { auth, connect, good, host, jsonHeaders, platform, post, untilStatus, url, useBadInput } from '../support/bad-input.js';
import { expectError } from '../support/envelope.js';
import { RawConnection, requestBytes } from '../support/raw-http.js';

useBadInput();

describe('what is no HTTP', () => {
  const line = 'POST /api/tenant/v1/chat/completions HTTP/1.1\r\nHost: x\r\n';
  it.each<[string, string | Buffer]>([
    ['words', 'hello\r\n\r\n'],
    ['a TLS greeting', Buffer.from('16030100c8010000c40303', 'hex')],
    ['an SSH banner', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/0.9', 'GET /\r\n\r\n'],
    ['HTTP/9.9', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['NUL bytes', Buffer.alloc(64)],
    ['an unknown method', 'BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a lower-case method', 'get / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a blank in the path', 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a blank before the colon', 'GET / HTTP/1.1\r\nHost : x\r\n\r\n'],
    ['a header without a colon', 'GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n'],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: x\r\nA: a\u0000b\r\n\r\n'],
    ['a NUL in the path', 'GET /a\u0000b HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a negative length', `${line}Content-Length: -1\r\n\r\n`],
    ['a length in words', `${line}Content-Length: ten\r\n\r\n`],
    ['a list of lengths', `${line}Content-Length: 1, 2\r\n\r\nab`],
    ['two lengths', `${line}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    ['a huge length', `${line}Content-Length: 99999999999999999999999999\r\n\r\n`],
    ['length and chunks', `${line}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks and length', `${line}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
    ['an encoding after chunked', `${line}Transfer-Encoding: chunked, gzip\r\n\r\n`],
    ['an unknown encoding', `${line}Transfer-Encoding: xchunked\r\n\r\n`],
  ])('%s: 400 in the envelope, and the connection ends', async (_name, bytes) => {
    const connection = connect();
    await connection.send(bytes);
    expectError(await connection.reply(), { status: 400, type: 'invalid_request_error', code: 'invalid_request', param: null });
    await connection.closed;
  });

  it.each(['zz\r\n', '5\r\nabcdefgh', '-1\r\n', 'ffffffffffffffffff\r\n'])(
    'the chunk %j: 400, and the connection ends',
    async (chunk) => {
      const connection = connect();
      await connection.send(
        requestBytes(
          'POST',
          '/api/tenant/v1/chat/completions',
          [['Host', host], ...auth, ['Content-Type', 'application/json'], ['Transfer-Encoding', 'chunked']],
          chunk,
        ),
      );
      expectError(await connection.reply(), { status: 400, code: 'invalid_request' });
      await connection.closed;
    },
  );

  it('garbage after a stream has begun cuts the stream and never stands in it', async () => {
    const connection = connect();
    const body = JSON.stringify({
      model: 'assistant',
      stream: true,
      messages: [{ role: 'user', content: 'a b c [[chunks:40]] [[pace:50]]' }],
    });
    await connection.send(requestBytes('POST', '/api/tenant/v1/chat/completions', jsonHeaders(body.length), body));
    await connection.text('data: ');
    await connection.send('garbage\r\n\r\n');
    await connection.closed;
    expect(connection.rest).not.toContain('400 Bad Request');
    expect(connection.rest).not.toContain('[DONE]');
  });

  it('any bytes at all: an answer in the envelope or the end, never a crash', async () => {
    const start = fc.constantFrom(
      '',
      'GET ',
      'POST /api/tenant/v1/chat/completions HTTP/1.1\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\n',
    );
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ maxLength: 200 }), async (head, some) => {
        const connection = new RawConnection(url);
        await connection.send(Buffer.concat([Buffer.from(head), Buffer.from(some), Buffer.from('\r\n\r\n')]));
        connection.end();
        await connection.closed;
        expect(connection.rest).not.toMatch(/^HTTP\/1\.1 5/);
        if (connection.rest !== '') expect(connection.rest).toMatch(/^HTTP\/1\.1 [24]/);
      }),
      { numRuns: 150 },
    );
  });
});

describe('connections', () => {
  it('pipelined requests are answered in their order', async () => {
    const connection = connect();
    const body = JSON.stringify(good('/chat/completions'));
    const get = (path: string): Buffer => requestBytes('GET', path, [['Host', host], ...auth]);
    await connection.send(
      Buffer.concat([
        get('/api/tenant/v1/models'),
        requestBytes('POST', '/api/tenant/v1/chat/completions', jsonHeaders(body.length), body),
        get('/nowhere'),
        get('/healthz'),
      ]),
    );
    const statuses = [];
    for (let at = 0; at < 4; at += 1) statuses.push((await connection.reply()).status);
    expect(statuses).toEqual([200, 200, 404, 200]);
  });

  it('what stands in a refused body is never taken for a request', async () => {
    const connection = connect();
    const smuggled = requestBytes('GET', '/api/tenant/v1/models', [['Host', host], ...auth]);
    const refused = requestBytes(
      'POST',
      '/api/tenant/v1/chat/completions',
      [
        ['Host', host],
        ['Content-Type', 'application/json'],
        ['Content-Length', String(smuggled.length)],
      ],
      smuggled,
    );
    await connection.send(Buffer.concat([refused, requestBytes('GET', '/healthz', [['Host', host]])]));
    const [first, second] = [await connection.reply(), await connection.reply()];
    expect([first.status, second.status, second.json]).toEqual([401, 200, { status: 'ok' }]);
    expect(connection.rest).toBe('');
  });

  it('a body on GET is no part of the next request', async () => {
    const connection = connect();
    const body = 'GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n';
    await connection.send(
      Buffer.concat([
        requestBytes('GET', '/api/tenant/v1/models', [['Host', host], ...auth, ['Content-Length', String(body.length)]], body),
        requestBytes('GET', '/healthz', [['Host', host]]),
      ]),
    );
    expect([(await connection.reply()).status, (await connection.reply()).json]).toEqual([200, { status: 'ok' }]);
  });

  it('whoever keeps sending after a refusal is read no longer than it takes to read the answer', async () => {
    const connection = connect();
    await connection.send(
      requestBytes('POST', '/api/tenant/v1/chat/completions', [
        ['Host', host],
        ['Content-Type', 'application/json'],
        ['Transfer-Encoding', 'chunked'],
      ]),
    );
    expectError(await connection.reply(), { status: 401, code: null });
    const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`;
    while (await connection.send(chunk)) await new Promise((resolve) => setImmediate(resolve));
    await connection.closed;
  });

  it('who leaves in the middle of a body leaves nothing behind', async () => {
    const body = JSON.stringify(good('/chat/completions', { user: 'x'.repeat(50_000) }));
    for (let round = 0; round < 20; round += 1) {
      const connection = new RawConnection(url);
      await connection.send(
        requestBytes('POST', '/api/tenant/v1/chat/completions', jsonHeaders(body.length), body.slice(0, 25_000)),
      );
      connection.destroy();
      await connection.closed;
    }
    await untilStatus(() => post('/chat/completions', body), 200);
  });

  it('who leaves in the middle of a header gets nothing', async () => {
    const connection = connect();
    await connection.send('POST /api/tenant/v1/chat/comp');
    connection.destroy();
    await connection.closed;
    expect(connection.rest).toBe('');
  });

  it('headers must come in time', () => {
    const { headersTimeout } = platform.app.running.app.getHttpServer();
    expect(headersTimeout).toBeGreaterThan(0);
    expect(headersTimeout).toBeLessThanOrEqual(60_000);
  });
});
