import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expectError, expectIds } from '../support/envelope.js';
import { jsonValue, trickyText } from '../support/json-arbitraries.js';
import { bearer } from '../support/matrix.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { RawConnection, rawCall, requestBytes, type HeaderList, type RawReply } from '../support/raw-http.js';

const maxJsonBytes = 64 * 1024;
const maxBodiesBytes = 256 * 1024;

let platform: TestPlatform;
let url: string;
let host: string;
let auth: HeaderList;
const open: RawConnection[] = [];

beforeAll(async () => {
  platform = await startPlatform({
    settings: { GT_MAX_JSON_BYTES: String(maxJsonBytes), GT_MAX_BODIES_BYTES: String(maxBodiesBytes) },
  });
  url = platform.app.url;
  host = new URL(url).host;
  auth = bearer((await platform.factory.key(platform.acme)).secret);
});
afterAll(() => platform.close());

/** Whatever a test did, the process still answers. */
afterEach(async () => {
  for (const connection of open.splice(0)) connection.destroy();
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

const routes = ['/chat/completions', '/completions', '/embeddings'] as const;
const inputs: Readonly<Record<string, unknown>> = { messages: [{ role: 'user', content: 'hi' }], prompt: 'hi', input: 'hi' };
const inputOf = { '/chat/completions': 'messages', '/completions': 'prompt', '/embeddings': 'input' } as const;

function good(route: (typeof routes)[number], more: object = {}): Record<string, unknown> {
  const name = inputOf[route];
  return { model: 'assistant', [name]: inputs[name], ...more };
}

/** A POST with the length that its body has. */
function post(
  route: string,
  body: string | Buffer,
  headers: HeaderList = [['Content-Type', 'application/json']],
): Promise<RawReply> {
  return rawCall(
    url,
    requestBytes(
      'POST',
      `/api/tenant/v1${route}`,
      [['Host', host], ...auth, ...headers, ['Content-Length', String(Buffer.byteLength(body))]],
      body,
    ),
  );
}

const postJson = (route: string, body: unknown): Promise<RawReply> => post(route, JSON.stringify(body));

function connect(): RawConnection {
  const connection = new RawConnection(url);
  open.push(connection);
  return connection;
}

/** Answered with success or the caller's fault, never the server's; refusals in the envelope. */
function expectNoFault(reply: RawReply): void {
  if (reply.status === 200) expectIds(reply.headers);
  else expectError(reply, { status: reply.status });
  expect([reply.status, reply.status < 500, reply.text]).toEqual([reply.status, true, reply.text]);
}

const nested = (levels: number, of = '1'): string => '['.repeat(levels) + of + ']'.repeat(levels);

describe.each(routes)('a body of %s', (route) => {
  const text = JSON.stringify(good(route));

  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['an open brace', '{'],
    ['a cut object', text.slice(0, -1)],
    ['an array', `[${text}]`],
    ['null', 'null'],
    ['a string', '"model"'],
    ['a number', '1'],
    ['no JSON', 'model=assistant'],
    ['a trailing comma', `${text.slice(0, -1)},}`],
    ['something behind', `${text}{}`],
    ['single quotes', text.replaceAll('"', "'")],
    ['a comment', `/* */${text}`],
    ['NaN', `${text.slice(0, -1)},"temperature":NaN}`],
    ['a leading zero', `${text.slice(0, -1)},"n":01}`],
    ['a byte order mark', `\ufeff${text}`],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from(`${text.slice(0, -1)},"user":"`), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    ],
    [
      'an overlong slash',
      Buffer.concat([Buffer.from(`${text.slice(0, -1)},"user":"`), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    ],
    [
      'a lone surrogate in UTF-8',
      Buffer.concat([Buffer.from(`${text.slice(0, -1)},"user":"`), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ],
    ['a NUL byte', `${text.slice(0, -1)},"user":"a\u0000b"}`],
    ['a NUL byte behind', `${text}\u0000`],
    ['__proto__', `${text.slice(0, -1)},"__proto__":{"polluted":true}}`],
    ['an escaped __proto__', `${text.slice(0, -1)},"\\u005f_proto__":{"polluted":true}}`],
    ['300 levels', `${text.slice(0, -1)},"metadata":${nested(300)}}`],
    ['30,000 levels', `${text.slice(0, -1)},"metadata":${nested(30_000)}}`],
    ['30,000 open brackets', '['.repeat(30_000)],
    ['30,000 objects', `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`],
    ['3,000 members', `{${Array.from({ length: 3000 }, (_, at) => `"m${at}":1`).join()}}`],
  ])('that is or holds %s is refused with 400', async (_name, body) => {
    expectError(await post(route, body), { status: 400, type: 'invalid_request_error' });
    expect({}).not.toHaveProperty('polluted');
  });

  it.each<[string, unknown, string]>([
    ['model', 1, 'invalid_value'],
    ['model', [], 'invalid_value'],
    ['model', {}, 'invalid_value'],
    ['model', true, 'invalid_value'],
    ['model', null, 'missing_required_parameter'],
    ['model', '', 'missing_required_parameter'],
    ['model', undefined, 'missing_required_parameter'],
    [inputOf[route], undefined, 'missing_required_parameter'],
    [inputOf[route], 1, 'invalid_value'],
    [inputOf[route], true, 'invalid_value'],
    [inputOf[route], {}, 'invalid_value'],
  ])('with %s: %j is refused with 400 and names it', async (param, value, code) => {
    expectError(await postJson(route, good(route, { [param]: value })), {
      status: 400,
      type: 'invalid_request_error',
      code,
      param,
    });
  });

  it.each(['nobody', '\u0000', '../assistant', 'ASSISTANT', 'assistant ', 'x'.repeat(5000), '{"a":1}', '\ud800', '😀'])(
    'with the model %j is refused with 404',
    async (model) => {
      expectError(await postJson(route, good(route, { model })), {
        status: 404,
        type: 'invalid_request_error',
        code: 'model_not_found',
        param: 'model',
      });
    },
  );

  const values: readonly unknown[] = [
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e300,
    9007199254740993,
    '',
    'x',
    '-1',
    [],
    {},
    [null],
    [[]],
    [{}],
    { a: 1 },
    { toString: 1 },
    { constructor: { prototype: { polluted: true } } },
  ];
  it.each([
    'stream',
    'stream_options',
    'n',
    'messages',
    'prompt',
    'input',
    'temperature',
    'top_p',
    'max_tokens',
    'max_completion_tokens',
    'stop',
    'tools',
    'tool_choice',
    'response_format',
    'logprobs',
    'top_logprobs',
    'logit_bias',
    'seed',
    'user',
    'metadata',
    'store',
    'parallel_tool_calls',
    'encoding_format',
    'dimensions',
    'best_of',
    'echo',
    'suffix',
    'modalities',
    'audio',
    'service_tier',
    'constructor',
    'toString',
    'container',
    'conversation',
    'file_ids',
    'previous_response_id',
    'vector_store_ids',
  ])('never ends in a fault of the server, whatever %s is', async (name) => {
    for (const value of values) {
      expectNoFault(await postJson(route, good(route, { [name]: value })));
      if (name !== 'stream') expectNoFault(await postJson(route, good(route, { stream: true, [name]: value })));
    }
    expect({}).not.toHaveProperty('polluted');
  });

  it.each(['1e400', '-1e400', '1e-400', '123456789012345678901234567890', '0.1e+5', '-0'])(
    'with the number %s is answered or refused, never a fault',
    async (number) => {
      for (const name of ['n', 'temperature', 'max_tokens', 'seed', 'dimensions'])
        expectNoFault(await post(route, `${text.slice(0, -1)},"${name}":${number}}`));
    },
  );

  it('may nest below the top level as deep as it is allowed to, and is judged by the provider there', async () => {
    for (const levels of [100, 200, 250]) {
      expectNoFault(await post(route, `${text.slice(0, -1)},"metadata":${nested(levels)}}`));
      expectNoFault(await post(route, `${text.slice(0, -1)},"stream":true,"stream_options":{"a":${nested(levels)}}}`));
      expectNoFault(await post(route, `{"model":"assistant","${inputOf[route]}":[${nested(levels)}]}`));
      expectNoFault(await post(route, `${text.slice(0, -1)},"x":{"file_id":1},"metadata":${nested(levels)}}`));
    }
  });

  it('that is broken inside a nested value is refused with a 4xx', async () => {
    for (const value of ['[1,]', '{"a"}', '{"a":tru}', '["\\x"]', '[1 2]', '{"a":1,,}', '["\u0001"]']) {
      const reply = await post(route, `${text.slice(0, -1)},"metadata":${value}}`);
      expectError(reply, { status: reply.status });
      expect(reply.status).toBe(400);
    }
  });

  it('may be any bytes at all: never a fault, a hang or a crash', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array)),
      fc.string({ unit: 'binary', maxLength: 200 }).map((value) => Buffer.from(value)),
      fc
        .tuple(fc.nat(text.length), fc.uint8Array({ maxLength: 4 }))
        .map(([at, some]) => Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from(some), Buffer.from(text.slice(at))])),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => expectNoFault(await post(route, body))),
      { numRuns: 150 },
    );
  });

  it('may hold any JSON under the known names: never a fault', async () => {
    const names = [
      'model',
      'messages',
      'prompt',
      'input',
      'stream',
      'stream_options',
      'n',
      'tools',
      'metadata',
      'container',
      'encoding_format',
      'response_format',
    ];
    const some = fc.dictionary(fc.constantFrom(...names), jsonValue, { maxKeys: 5, noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(some, async (more) => expectNoFault(await postJson(route, good(route, more)))),
      { numRuns: 150 },
    );
  });
});

describe('media types and encodings', () => {
  const text = JSON.stringify(good('/chat/completions'));

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'json',
    '',
    ';',
    'application/json,text/plain',
    'application/',
    'x'.repeat(3000),
  ])('the type "%s" is refused with 415', async (type) => {
    expectError(await post('/chat/completions', text, [['Content-Type', type]]), {
      status: 415,
      type: 'invalid_request_error',
      code: 'unsupported_media_type',
      param: null,
    });
  });

  it('a body without a type is refused with 415', async () => {
    expectError(await post('/chat/completions', text, []), { status: 415, code: 'unsupported_media_type' });
  });

  it.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json ; charset=utf-8',
    'application/vnd.api+json',
    'application/problem+json; a=b',
  ])('the type "%s" is JSON', async (type) => {
    expect((await post('/chat/completions', text, [['Content-Type', type]])).status).toBe(200);
  });

  it.each(['gzip', 'br', 'deflate', 'zstd', 'identity, gzip', 'nonsense'])(
    'the content encoding "%s" is refused with 415',
    async (encoding) => {
      const headers: HeaderList = [
        ['Content-Type', 'application/json'],
        ['Content-Encoding', encoding],
      ];
      expectError(await post('/chat/completions', text, headers), { status: 415, code: 'unsupported_media_type' });
      const admin = await rawCall(
        url,
        requestBytes(
          'POST',
          '/api/admin/v1/tenants',
          [['Host', host], ...bearer(platform.app.operatorToken), ...headers, ['Content-Length', '2']],
          '{}',
        ),
      );
      expectError(admin, { status: 415, code: 'unsupported_media_type' });
    },
  );

  it.each(['gzip;q=abc', '*;q=9', 'x'.repeat(4000), 'identity;q=0, *;q=0', ''])(
    'Accept-Encoding and Accept "%s" change nothing',
    async (value) => {
      const reply = await post('/chat/completions', text, [
        ['Content-Type', 'application/json'],
        ['Accept-Encoding', value],
        ['Accept', value],
      ]);
      expect([reply.status, reply.headers['content-encoding']]).toEqual([200, undefined]);
    },
  );

  it.each(['text/plain', 'application/octet-stream'])('the admin plane refuses the type %s with 415', async (type) => {
    const reply = await rawCall(
      url,
      requestBytes(
        'POST',
        '/api/admin/v1/tenants',
        [['Host', host], ...bearer(platform.app.operatorToken), ['Content-Type', type], ['Content-Length', '2']],
        '{}',
      ),
    );
    expectError(reply, { status: 415, code: 'unsupported_media_type' });
  });
});

describe('sizes', () => {
  it('a body beyond the limit is refused with 413, by its declared length and while it comes', async () => {
    const tooMuch = JSON.stringify(good('/chat/completions', { user: 'x'.repeat(maxJsonBytes) }));
    expectError(await post('/chat/completions', tooMuch), {
      status: 413,
      type: 'invalid_request_error',
      code: 'payload_too_large',
    });
    expectError(await chunkedPost([tooMuch]), { status: 413, code: 'payload_too_large' });
    expectError(await chunkedPost([tooMuch.slice(0, 40_000), tooMuch.slice(40_000)]), { status: 413, code: 'payload_too_large' });
  });

  it('a body just within the limit is taken', async () => {
    const bare = JSON.stringify(good('/chat/completions', { user: '' }));
    const whole = JSON.stringify(good('/chat/completions', { user: 'x'.repeat(maxJsonBytes - bare.length) }));
    expect(whole.length).toBe(maxJsonBytes);
    expect((await post('/chat/completions', whole)).status).toBe(200);
    expect((await chunkedPost([whole.slice(0, 5), whole.slice(5)])).status).toBe(200);
    expectError(await post('/chat/completions', `${whole} `), { status: 413, code: 'payload_too_large' });
  });

  it('headers and addresses beyond the limit are refused with 431', async () => {
    expectError(
      await rawCall(
        url,
        requestBytes('GET', '/api/tenant/v1/models', [
          ['Host', host],
          ['X-Large', 'x'.repeat(40_000)],
        ]),
      ),
      { status: 431, type: 'invalid_request_error', code: 'headers_too_large' },
    );
    expectError(await rawCall(url, requestBytes('GET', `/api/tenant/v1/models?${'x'.repeat(40_000)}`, [['Host', host]])), {
      status: 431,
      code: 'headers_too_large',
    });
    const many = Array.from({ length: 3000 }, (_, at) => [`X-H-${at}`, 'value'] as const);
    expectError(await rawCall(url, requestBytes('GET', '/api/tenant/v1/models', [['Host', host], ...many])), {
      status: 431,
      code: 'headers_too_large',
    });
  });

  it('a very long address that is still allowed is unknown', async () => {
    expectError(await rawCall(url, requestBytes('GET', `/api/tenant/v1/${'x'.repeat(20_000)}`, [['Host', host]])), {
      status: 404,
      code: 'unknown_url',
    });
    expectError(await rawCall(url, requestBytes('GET', `/api/tenant/v1/${'x/'.repeat(10_000)}`, [['Host', host]])), {
      status: 404,
      code: 'unknown_url',
    });
    expectError(await rawCall(url, requestBytes('GET', `/api/tenant/v1/files/${'x'.repeat(20_000)}`, [['Host', host]])), {
      status: 404,
      code: 'unknown_url',
    });
    expectError(
      await rawCall(url, requestBytes('GET', `/api/tenant/v1/models/${'x'.repeat(20_000)}`, [['Host', host], ...auth])),
      { status: 404 },
    );
  });

  it('more bodies at once than may be held are refused with 503, and the room comes back', async () => {
    const half = Buffer.alloc(60_000, 0x20);
    const holding = Array.from({ length: 4 }, () => connect());
    for (const connection of holding)
      await connection.send(requestBytes('POST', '/api/tenant/v1/embeddings', jsonHeaders(61_000), half));
    await untilRefused();
    for (const connection of holding) connection.destroy();
    await untilStatus(
      () => post('/chat/completions', JSON.stringify(good('/chat/completions', { user: 'x'.repeat(30_000) }))),
      200,
    );
  });
});

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
      const refused = await rawCall(
        url,
        requestBytes('POST', '/api/tenant/v1/chat/completions', [
          ['Host', host],
          ...headers,
          ['Expect', '100-continue'],
          ['Content-Length', '50000'],
        ]),
      );
      expect([refused.status >= 400, refused.interim]).toEqual([true, []]);
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
    for (const method of target.startsWith('/api/tenant') ? ['GET', 'POST'] : ['GET', 'POST', 'OPTIONS']) {
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

  it('an upgrade that nobody offers is an ordinary request', async () => {
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
    expect(reply.status).toBe(200);
  });
});

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

describe('what a body may not reach', () => {
  const ask = async (more: object): Promise<Record<string, unknown>> => {
    const reply = await postJson('/chat/completions', {
      model: 'raw-chat',
      messages: [{ role: 'user', content: '[[show-request]]' }],
      ...more,
    });
    expect(reply.status).toBe(200);
    return JSON.parse(reply.json.choices[0].message.content) as Record<string, unknown>;
  };
  const control = [
    'models',
    'route',
    'provider',
    'fallbacks',
    'api_base',
    'base_url',
    'api_key',
    'extra_headers',
    'extra_body',
    'user_config',
    'custom_llm_provider',
  ];

  it.each(control)('the control field %s is dropped, however it is spelt', async (name) => {
    expect(await ask({ [name]: 'http://169.254.169.254/', kept: 1 })).toMatchObject({ kept: 1 });
    expect(await ask({ [name]: { a: [1] } })).not.toHaveProperty(name);
    const escaped = `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`;
    const body = `{"model":"raw-chat","${escaped}":"x","${name}":1,"messages":[{"role":"user","content":"[[show-request]]"}]}`;
    const reply = await post('/chat/completions', body);
    expect(JSON.parse(reply.json.choices[0].message.content)).not.toHaveProperty(name);
  });

  it('a second model cannot be smuggled past the allowlist', async () => {
    for (const body of ['{"model":"nobody","model":"raw-chat"', '{"model":"raw-chat","\\u006dodel":"raw-chat"']) {
      const reply = await post('/chat/completions', `${body},"messages":[{"role":"user","content":"[[show-request]]"}]}`);
      expect(JSON.parse(reply.json.choices[0].message.content).model).toBe('sandbox-chat');
    }
    expectError(
      await post('/chat/completions', '{"model":"raw-chat","\\u006dodel":"nobody","messages":[{"role":"user","content":"x"}]}'),
      { status: 404, code: 'model_not_found' },
    );
  });

  const user = (part: object): object => ({ messages: [{ role: 'user', content: [part] }] });
  it.each<[string, string, object]>([
    ['/chat/completions', 'messages[0].content[0].file.file_id', user({ type: 'file', file: { file_id: 'file-abc' } })],
    ['/chat/completions', 'messages[0].content[0].file_id', user({ type: 'input_file', file_id: 'file-abc' })],
    ['/chat/completions', 'previous_response_id', { previous_response_id: 'resp_abc' }],
    ['/chat/completions', 'conversation', { conversation: 'conv_abc' }],
    ['/chat/completions', 'conversation.id', { conversation: { id: 'conv_abc' } }],
    ['/chat/completions', 'tools[0].vector_store_ids[0]', { tools: [{ type: 'file_search', vector_store_ids: ['vs_abc'] }] }],
    ['/chat/completions', 'tools[0].container', { tools: [{ type: 'code_interpreter', container: 'cntr_abc' }] }],
    ['/chat/completions', 'container', { container: 'cntr_abc' }],
    ['/chat/completions', 'prompt.id', { prompt: { id: 'pmpt_abc' } }],
    ['/embeddings', 'file_id', { file_id: 'file-abc' }],
    ['/completions', 'previous_response_id', { previous_response_id: 'resp_abc' }],
  ])('%s answers a foreign id in %s with 404 before anything is sent', async (route, param, more) => {
    await fetch(`${platform.sandbox.url}/sandbox/stats/reset`, { method: 'POST' });
    expectError(await postJson(route, good(route as (typeof routes)[number], more)), {
      status: 404,
      type: 'invalid_request_error',
      code: 'not_found',
      param,
    });
    expect(await (await fetch(`${platform.sandbox.url}/sandbox/stats`)).json()).toMatchObject({ total: 0 });
  });

  it('nothing that was refused here has reached the provider', async () => {
    await fetch(`${platform.sandbox.url}/sandbox/stats/reset`, { method: 'POST' });
    for (const body of ['{', '[]', '{"model":1}', '{"model":"nobody","messages":[]}', '{"model":"assistant"}'])
      await post('/chat/completions', body);
    expect(await (await fetch(`${platform.sandbox.url}/sandbox/stats`)).json()).toMatchObject({ total: 0 });
  });
});

function jsonHeaders(length: number): HeaderList {
  return [['Host', host], ...auth, ['Content-Type', 'application/json'], ['Content-Length', String(length)]];
}

function chunkedPost(chunks: readonly string[]): Promise<RawReply> {
  const body = chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`).join('');
  return rawCall(
    url,
    requestBytes(
      'POST',
      '/api/tenant/v1/chat/completions',
      [['Host', host], ...auth, ['Content-Type', 'application/json'], ['Transfer-Encoding', 'chunked']],
      `${body}0\r\n\r\n`,
    ),
  );
}

/** The envelope where the test's own header may have set the echoed id. */
function expectErrorWithAnyId(reply: RawReply): void {
  expectError(
    { ...reply, headers: { ...reply.headers, 'x-request-id': reply.headers['x-gt-request-id'] ?? '' } },
    { status: reply.status },
  );
}

async function untilStatus(call: () => Promise<RawReply>, status: number): Promise<void> {
  const deadline = performance.now() + 5000;
  let last = (await call()).status;
  while (last !== status && performance.now() < deadline) last = (await call()).status;
  expect(last).toBe(status);
}

async function untilRefused(): Promise<void> {
  const body = JSON.stringify(good('/chat/completions', { user: 'x'.repeat(60_000) }));
  await untilStatus(() => post('/chat/completions', body), 503);
  expectError(await post('/chat/completions', body), { status: 503, type: 'server_error', code: 'overloaded' });
}
