import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { auth, connect, expectErrorWithAnyId, good, host, jsonHeaders, post, url, useBadInput } from '../support/bad-input.js';
import { expectError } from '../support/envelope.js';
import { trickyText } from '../support/json-arbitraries.js';
import { bearer } from '../support/matrix.js';
import { rawCall, requestBytes, type HeaderList } from '../support/raw-http.js';

useBadInput();

describe('headers', () => {
  const doubled = [
    'Host',
    'Authorization',
    'Content-Type',
    'Content-Encoding',
    'Content-Length',
    'Transfer-Encoding',
    'Expect',
    'Idempotency-Key',
    'X-GT-Conversation-Id',
  ];
  it.each(doubled)('a doubled %s is refused with 400', async (name) => {
    const values: Record<string, string> = {
      Host: host,
      Authorization: auth[0]?.[1] ?? '',
      'Content-Type': 'application/json',
      'Transfer-Encoding': 'chunked',
      'Content-Length': '2',
      Expect: '100-continue',
    };
    const one = [name, values[name] ?? 'x'] as const;
    const others: HeaderList = [...(name === 'Host' ? [] : [['Host', host] as const]), ...(name === 'Authorization' ? [] : auth)];
    const body = name === 'Transfer-Encoding' ? '0\r\n\r\n' : name === 'Content-Length' ? '{}' : '';
    expectError(await rawCall(url, requestBytes('POST', '/api/tenant/v1/chat/completions', [...others, one, one], body)), {
      status: 400,
      type: 'invalid_request_error',
      code: 'invalid_request',
    });
    expectError(
      await rawCall(
        url,
        requestBytes('POST', '/api/tenant/v1/chat/completions', [...others, one, [name.toLowerCase(), 'different']], body),
      ),
      { status: 400, code: 'invalid_request' },
    );
  });

  it('no Host is refused with 400', async () => {
    expectError(await rawCall(url, requestBytes('GET', '/api/tenant/v1/models', auth)), { status: 400, code: 'invalid_request' });
    expectError(await rawCall(url, requestBytes('GET', '/healthz', [])), { status: 400, code: 'invalid_request' });
  });

  it.each(['', 'a b', 'a/b', 'user@host', 'host:port', 'host:123456', '[::1', 'a,b', 'http://host', '<script>', 'é'])(
    'the Host "%s" is refused with 400',
    async (value) => {
      expectError(await rawCall(url, requestBytes('GET', '/api/tenant/v1/models', [['Host', value], ...auth])), {
        status: 400,
        code: 'invalid_request',
      });
    },
  );

  it('HTTP/1.0 needs none, and is told the address that it called', async () => {
    const reply = await rawCall(url, 'GET /nowhere HTTP/1.0\r\n\r\n');
    expectError(reply, { status: 404, code: 'unknown_url', message: new RegExp(`http://${host}/api/tenant/v1\\.$`) });
  });

  it.each(['nonsense', '200-ok', '100-continue, 100-continue', 'x'.repeat(1000)])(
    'the expectation "%s" is refused with 400',
    async (value) => {
      expectError(
        await rawCall(
          url,
          requestBytes('POST', '/api/tenant/v1/chat/completions', [
            ['Host', host],
            ...auth,
            ['Expect', value],
            ['Content-Length', '0'],
          ]),
        ),
        { status: 400, code: 'invalid_request' },
      );
    },
  );

  it('who expects 100-continue is told so only after the guard', async () => {
    const body = JSON.stringify(good('/chat/completions'));
    const connection = connect();
    await connection.send(
      requestBytes('POST', '/api/tenant/v1/chat/completions', [...jsonHeaders(body.length), ['Expect', '100-continue']]),
    );
    await connection.text('100 Continue');
    await connection.send(body);
    const reply = await connection.reply();
    expect([reply.status, reply.interim]).toEqual([200, [100]]);
    for (const headers of [[], bearer('gtak_x'), [...auth, ['Content-Type', 'text/plain']]] as HeaderList[]) {
      const waiting = connect();
      await waiting.send(
        requestBytes('POST', '/api/tenant/v1/chat/completions', [
          ['Host', host],
          ...headers,
          ['Expect', '100-continue'],
          ['Content-Length', '50000'],
        ]),
      );
      const refused = await waiting.reply();
      expect([refused.status >= 400, refused.interim, refused.headers['connection']]).toEqual([true, [], 'close']);
      await waiting.closed;
      expect(waiting.rest).toBe('');
    }
  });

  it.each(['x-openclaw-agent-id', 'x-gt-model', 'x-openclaw-model'])(
    '%s with what is no name is refused with 400',
    async (name) => {
      for (const value of ['a b', 'é', 'x'.repeat(300), 'a\tb']) {
        expectError(
          await post('/chat/completions', JSON.stringify(good('/chat/completions')), [
            ['Content-Type', 'application/json'],
            [name, value],
          ]),
          { status: 400, code: 'invalid_value', param: name },
        );
      }
    },
  );

  it('may hold any bytes that HTTP allows: never a fault', async () => {
    const names = fc.constantFrom(
      'X-Request-ID',
      'X-Client-Request-Id',
      'x-openclaw-agent-id',
      'X-GT-Model',
      'X-GT-Session-Key',
      'x-openclaw-message-channel',
      'OpenAI-Beta',
      'Accept',
      'Origin',
      'Cookie',
      'Range',
      'If-None-Match',
      'Forwarded',
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-HTTP-Method-Override',
      'Upgrade',
      'TE',
      'Via',
      'accept-version',
      'Authorization',
    );
    const value = fc
      .oneof(trickyText, fc.string({ unit: 'binary-ascii', maxLength: 40 }))
      .map((raw) => raw.replace(/[\r\n\0]/g, ''));
    await fc.assert(
      fc.asyncProperty(names, value, async (name, text) => {
        const reply = await rawCall(
          url,
          requestBytes('GET', '/api/tenant/v1/models', [['Host', host], ...(name === 'Authorization' ? [] : auth), [name, text]]),
        );
        expect(reply.status).toBeLessThan(500);
        if (reply.status !== 200) expectErrorWithAnyId(reply);
      }),
      { numRuns: 300 },
    );
  });
});

describe('addresses', () => {
  it.each([
    '/api/tenant/v1/models/%',
    '/api/tenant/v1/models/%zz',
    '/api/tenant/v1/models/%c0%af',
    '/api/tenant/v1/models/%ff',
    '/api/tenant/v1/%',
    '/%',
    '/api/tenant/v1/files/%E0%A4%A',
    '/api/admin/v1/keys/%zz',
  ])('%s with faulty percent-encoding is unknown: 404', async (path) => {
    expectError(await rawCall(url, requestBytes('GET', path, [['Host', host], ...auth])), {
      status: 404,
      type: 'invalid_request_error',
      code: 'unknown_url',
    });
  });

  it.each([
    '/api/tenant/v1/models/%00',
    '/api/tenant/v1/models/..%2f..%2fetc',
    '/api/tenant/v1/models/%F0%9F%98%80',
    '/api/tenant/v1/models/a%20b',
    '/api/tenant/v1/models/__proto__',
    '/api/tenant/v1/models/constructor',
  ])('%s is a model that nobody has: 404', async (path) => {
    expectError(await rawCall(url, requestBytes('GET', path, [['Host', host], ...auth])), {
      status: 404,
      code: 'model_not_found',
    });
  });

  it.each([
    '*',
    'http://elsewhere.example/api/tenant/v1/models',
    'http://',
    'api/tenant/v1/models',
    '//',
    '/?',
    '/../../etc/passwd',
    '/api/tenant/v1/../../admin/v1/tenants',
    '/api/tenant/v1/models;x=1',
    '/api/tenant/v1/models%3Fx',
  ])('the target "%s" gets a 4xx without a key', async (target) => {
    // A browser's question before a call of the data plane is answered without a key.
    for (const method of /^(http:\/\/[^/]+)?\/api\/tenant/.test(target) ? ['GET', 'POST'] : ['GET', 'POST', 'OPTIONS']) {
      const reply = await rawCall(
        url,
        requestBytes(method, target, [
          ['Host', host],
          ['Content-Length', '0'],
        ]),
      );
      expect([method, reply.status >= 400, reply.status < 500]).toEqual([method, true, true]);
      expectErrorWithAnyId(reply);
    }
  });

  it('may be any path at all: never a fault', async () => {
    const path = fc
      .oneof(
        fc.string({ unit: 'binary-ascii', maxLength: 40 }),
        fc.webPath(),
        fc.string({ unit: fc.constantFrom('/', '.', '%', '2', 'f', 'v', '1', '?', ';', ':', '*', 'a'), maxLength: 20 }),
      )
      .map((raw) => raw.replace(/[^\x21-\x7e]/g, ''));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', '/api/tenant/', '/api/tenant/v1/', '/api/tenant/v1/models/', '/api/admin/v1/', '/api/admin/v1/keys/'),
        path,
        async (base, rest) => {
          const reply = await rawCall(url, requestBytes('GET', `${base}${rest}` || '/', [['Host', host], ...auth]));
          expect(reply.status).toBeLessThan(500);
          if (reply.status >= 400) expectErrorWithAnyId(reply);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('CONNECT is refused in the envelope', async () => {
    expectError(await rawCall(url, `CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example:443\r\n\r\n`), {
      status: 405,
      code: 'method_not_allowed',
    });
  });

  it('an upgrade of a route that is no WebSocket is refused', async () => {
    const reply = await rawCall(
      url,
      requestBytes('GET', '/api/tenant/v1/models', [
        ['Host', host],
        ...auth,
        ['Connection', 'Upgrade'],
        ['Upgrade', 'websocket'],
        ['Sec-WebSocket-Key', 'x'],
        ['Sec-WebSocket-Version', '13'],
      ]),
    );
    expectError(reply, { status: 400, code: 'invalid_request' });
  });
});
