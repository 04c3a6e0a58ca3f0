import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { enclosed } from './closed-proxy.js';

async function asked(method: string, path: string, proxy: string): Promise<number | undefined> {
  const { hostname, port } = new URL(proxy);
  const call = request({ hostname, port, method, path, agent: false }).end();
  const [answer] = (await Promise.race([once(call, 'response'), once(call, 'connect')])) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

describe('a client that is enclosed', () => {
  it('is told of the proxy in both spellings, and that the platform needs none', async () => {
    const { result } = await enclosed('https://api.example.com/api/tenant/v1', (env) => Promise.resolve(env));
    const { HTTPS_PROXY: address, ...others } = result;
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(others).toEqual({
      ...{ HTTP_PROXY: address, ALL_PROXY: address, NO_PROXY: 'api.example.com' },
      ...{ http_proxy: address, https_proxy: address, all_proxy: address, no_proxy: 'api.example.com' },
    });
  });

  it('reaches no other host, and each that it asked for is named once', async () => {
    const { result, refused } = await enclosed('http://127.0.0.1:3000', async ({ http_proxy: proxy = '' }) => [
      await asked('CONNECT', 'news.example.com:443', proxy),
      await asked('CONNECT', 'news.example.com:443', proxy),
      await asked('CONNECT', 'other.example.com:8443', proxy),
      await asked('GET', 'http://plain.example.com/list', proxy),
    ]);
    expect(result).toEqual([403, 403, 403, 403]);
    expect(refused).toEqual(['news.example.com', 'other.example.com:8443', 'plain.example.com']);
  });

  it('leaves nothing that listens behind, also when the work fails', async () => {
    let address = '';
    const work = enclosed('http://127.0.0.1:3000', ({ http_proxy: proxy = '' }) => {
      address = proxy;
      return Promise.reject(new Error('The work failed.'));
    });
    await expect(work).rejects.toThrow('The work failed.');
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
