import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError } from '../support/envelope.js';
import { until } from '../support/live.js';
import { bearer } from '../support/matrix.js';
import { startPlatform, type SeededKey, type TestPlatform } from '../support/platform.js';
import { rawCall, requestBytes, type HeaderList, type RawReply } from '../support/raw-http.js';

let platform: TestPlatform;
let key: SeededKey;
let host: string;

beforeAll(async () => {
  platform = await startPlatform();
  key = await platform.factory.key(platform.acme);
  host = new URL(platform.app.url).host;
  await platform.factory.tenant('other', `${platform.sandbox.url}/v1`);
  const { status } = await platform.app.admin('PATCH', '/tenants/other', { hosts: ['api.other.example'] });
  expect(status).toBe(200);
  await until('the host is known', async () => (await get('/models', [['Host', 'api.other.example']])).status === 401);
});
afterAll(() => platform.close());

/** A GET of the data plane; `target` is an address with scheme and host, or a path of the plane. */
function get(target: string, headers: HeaderList = [['Host', host]]): Promise<RawReply> {
  const whole = target.startsWith('/') ? `/api/tenant/v1${target}` : target;
  return rawCall(platform.app.url, requestBytes('GET', whole, [...headers, ...bearer(key.secret)]));
}

describe('a target with scheme and host, as clients send it to a proxy', () => {
  it.each(['http', 'https', 'HTTP'])('reaches the route of its path, in every spelling of the base URL: %s', async (scheme) => {
    const { text } = await get('/models');
    for (const path of ['/api/tenant/v1/models', '/api/tenant/models', '//api//tenant/v1/v1/models/', '/api/tenant/v1/models?']) {
      const reply = await get(`${scheme}://${host}${path}`);
      expect([reply.status, reply.text]).toEqual([200, text]);
    }
  });

  it('keeps query and body', async () => {
    const page = await get(`http://${host}/api/tenant/v1/usage?limit=1&after=use_none`);
    expectError(page, { status: 400, code: 'invalid_value', param: 'after' });
    const body = JSON.stringify({ model: 'assistant', messages: [{ role: 'user', content: 'hi' }] });
    const headers: HeaderList = [
      ['Host', host],
      ['Content-Type', 'application/json'],
      ['Content-Length', String(body.length)],
      ...bearer(key.secret),
    ];
    const chat = await rawCall(
      platform.app.url,
      requestBytes('POST', `http://${host}/api/tenant/v1/chat/completions`, headers, body),
    );
    expect([chat.status, chat.json.model]).toEqual([200, 'assistant']);
  });

  it('reaches the system routes too, and is unknown where its path is', async () => {
    expect((await get(`http://${host}/healthz`)).json).toEqual({ status: 'ok' });
    for (const target of [`http://${host}`, `http://${host}/v1/models`, `ftp://${host}/api/tenant/v1/models`]) {
      expectError(await get(target), { status: 404, code: 'unknown_url' });
    }
  });

  it('is guarded like any other', async () => {
    const target = `http://${host}/api/tenant/v1/models`;
    expectError(await rawCall(platform.app.url, requestBytes('GET', target, [['Host', host]])), { status: 401, code: null });
    expectError(await get(target, []), { status: 400, code: 'invalid_request' });
  });

  it('is judged by its own host, whatever the header says', async () => {
    const target = 'http://api.other.example/api/tenant/v1/models';
    expectError(await get(target), { status: 401, code: 'invalid_api_key' });
    expect((await get(`http://${host}/api/tenant/v1/models`, [['Host', 'api.other.example']])).status).toBe(200);
    expectError(await get('http://user@x/api/tenant/v1/models'), { status: 400, code: 'invalid_request' });
  });
});
