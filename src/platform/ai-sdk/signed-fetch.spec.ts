import { describe, expect, it } from '@jest/globals';
import { signedFetch } from './signed-fetch.js';

const origin = 'https://api.example.com';

/** What reaches the provider of a call that a package makes. */
async function sentBy(headers: Record<string, string>, isSigned = false): Promise<Record<string, string>> {
  let sent = new Headers();
  const fetch = signedFetch(
    (_input, init) => {
      sent = new Headers(init?.headers);
      return Promise.resolve(new Response('{}'));
    },
    {
      origin,
      headers: isSigned ? { 'user-agent': 'gt-api' } : { authorization: 'Bearer real', 'user-agent': 'gt-api' },
      isSigned,
    },
  );
  await fetch(`${origin}/v1/chat`, { method: 'POST', headers });
  return Object.fromEntries(sent);
}

describe('a call of a package', () => {
  it('is signed in with the token of the connection alone, and tells nothing of this machine', async () => {
    const headers = {
      Authorization: 'Bearer in-fetch',
      'X-Goog-Api-Key': 'in-fetch',
      'User-Agent': 'ai-sdk/1 runtime/node.js/20',
    };
    expect(await sentBy({ ...headers, Accept: 'application/json' })).toEqual({
      authorization: 'Bearer real',
      'user-agent': 'gt-api',
      accept: 'application/json',
    });
  });

  it('keeps the signature of a package that signs', async () => {
    expect(await sentBy({ authorization: 'AWS4-HMAC-SHA256 Signature=a', 'x-amz-date': 'now' }, true)).toEqual({
      authorization: 'AWS4-HMAC-SHA256 Signature=a',
      'x-amz-date': 'now',
      'user-agent': 'gt-api',
    });
  });

  it.each([
    'https://api.example.com.evil.example/v1',
    'http://api.example.com/v1',
    'https://api.example.com:8443/',
    'http://127.0.0.1/',
  ])('goes nowhere but to the provider of the connection: not to %s', async (address) => {
    const fetch = signedFetch(() => Promise.resolve(new Response('{}')), { origin, headers: {}, isSigned: false });
    await expect(fetch(address)).rejects.toThrow('another address');
  });

  it('is not given a reply of more values than one step may read', async () => {
    const reply = (text: string) => () =>
      Promise.resolve(new Response(text, { headers: { 'content-type': 'application/json' } }));
    const ask = (text: string) => signedFetch(reply(text), { origin, headers: {}, isSigned: false })(origin);
    await expect(ask(`[${'0,'.repeat(500_001)}0]`)).rejects.toThrow('too many values');
    expect(await (await ask('{"a":[1,2]}')).json()).toEqual({ a: [1, 2] });
  });
});
