import { describe, expect, it } from '@jest/globals';
import {
  auth,
  chunkedPost,
  connect,
  good,
  host,
  jsonHeaders,
  maxJsonBytes,
  platform,
  post,
  postJson,
  untilStatus,
  url,
  useBadInput,
} from '../support/bad-input.js';
import { expectError } from '../support/envelope.js';
import { bearer } from '../support/matrix.js';
import { rawCall, requestBytes, type HeaderList, type RawConnection, type RawReply } from '../support/raw-http.js';

useBadInput();

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

describe('bodies of several tenants', () => {
  /** A body of this length that has begun on a connection of its own and does not go on. */
  const begin = async (length: number, headers: HeaderList): Promise<RawConnection> => {
    const connection = connect();
    await connection.send(requestBytes('POST', '/api/tenant/v1/embeddings', [...headers, ...jsonHeaders(length).slice(-2)], '{'));
    return connection;
  };
  const tenantHeaders = async (slug: string): Promise<HeaderList> => {
    const tenant = await platform.factory.tenant(slug, `${platform.sandbox.url}/v1`);
    return [['Host', host], ...bearer((await platform.factory.key(tenant)).secret)];
  };

  it('a tenant that heaps them up is refused more, and the others and its own admins are not', async () => {
    const hoarder: HeaderList = [['Host', host], ...auth];
    const others = [await tenantHeaders('second'), await tenantHeaders('third')];
    const heap = await Promise.all(Array.from({ length: 12 }, () => begin(60_000, hoarder)));
    const body = JSON.stringify(good('/embeddings', { user: 'x'.repeat(40_000) }));
    const call = (headers: HeaderList): Promise<RawReply> =>
      rawCall(url, requestBytes('POST', '/api/tenant/v1/embeddings', [...headers, ...jsonHeaders(body.length).slice(-2)], body));
    for (let round = 0; round < 5; round += 1) {
      for (const headers of others) expect((await call(headers)).status).toBe(200);
      const refused = await call(hoarder);
      expectError(refused, { status: 503, type: 'server_error', code: 'overloaded' });
      expect(refused.headers['retry-after']).toBe('1');
    }
    const admin = bearer(platform.app.operatorToken);
    const change = JSON.stringify({ name: 'Acme' });
    const changed = await rawCall(
      url,
      requestBytes(
        'PATCH',
        '/api/admin/v1/tenants/acme',
        [['Host', host], ...admin, ...jsonHeaders(change.length).slice(-2)],
        change,
      ),
    );
    expect([changed.status, changed.text]).toEqual([200, changed.text]);
    for (const connection of heap) connection.destroy();
    await untilStatus(() => call(hoarder), 200);
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
    expectError(await postJson(route, good(route, more)), {
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

async function untilRefused(): Promise<void> {
  const body = JSON.stringify(good('/chat/completions', { user: 'x'.repeat(60_000) }));
  await untilStatus(() => post('/chat/completions', body), 503);
  expectError(await post('/chat/completions', body), { status: 503, type: 'server_error', code: 'overloaded' });
}
