import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { EgressPolicy, EgressRefusedError } from './egress-policy.js';

const answer = (...addresses: string[]): LookupAddress[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const policy = (setting: string, ...addresses: string[]) =>
  new EgressPolicy(setting, () => Promise.resolve(answer(...addresses)));
const refused = expect.objectContaining({ code: 'invalid_value', status: 400, param: 'base_url' });

function look(
  judge: EgressPolicy,
  hostname: string,
  port: number,
  options: { all?: boolean; family?: number } = { all: true },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    judge.lookupFor(port)(hostname, options, (error, address) => (error === null ? resolve(address) : reject(error)));
  });
}

describe('EgressPolicy.judgeUrl', () => {
  it.each(['http://api.example.com/v1', 'https://8.8.8.8/', 'https://[2606:4700::1111]/v1', 'https://api.example.com:8443/v1/'])(
    'accepts %s',
    async (url) => {
      expect((await policy('false', '93.184.216.34').judgeUrl(url)).href).toBe(url);
    },
  );

  it.each([
    'not a url',
    '',
    'ftp://example.com/',
    'file:///etc/passwd',
    'data:text/plain,x',
    '//example.com',
    'https://user@example.com/',
    'https://user:pass@example.com/',
    'https://:pass@example.com/',
    'https://example.com/#x',
    'https://example.com/#',
    'https://example.com/?a=b',
  ])('refuses %s for its form', async (url) => {
    await expect(policy('true').judgeUrl(url)).rejects.toEqual(refused);
  });

  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://0x7f.0.0.1/',
    'http://127.0.0.1./',
    'http://①②⑦.⓪.⓪.①/',
    'http://0/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://100.64.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://192.0.2.1/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[ff02::1]/',
    'http://localhost/',
    'http://LOCALHOST:80/',
    'http://localhost./',
    'http://db.localhost/',
  ])('refuses %s, even if a name service calls it public', async (url) => {
    await expect(policy('false', '93.184.216.34').judgeUrl(url)).rejects.toEqual(refused);
    expect((await policy('true').judgeUrl(url)).protocol).toBe('http:');
  });

  it('refuses a name that resolves only to private addresses, and does not say which', async () => {
    const judged = policy('false', '10.9.8.7', 'fd12:3456::1').judgeUrl('https://inside.example.com/');
    await expect(judged).rejects.toEqual(refused);
    await expect(judged).rejects.toThrow(/^(?!.*(10\.9|fd12))/);
  });

  it('accepts a name with one public address, and one that does not resolve yet', async () => {
    await expect(policy('false', '10.9.8.7', '93.184.216.34').judgeUrl('https://both.example.com/')).resolves.toBeInstanceOf(URL);
    const absent = new EgressPolicy('false', () => Promise.reject(new Error('ENOTFOUND')));
    await expect(absent.judgeUrl('https://later.example.com/')).resolves.toBeInstanceOf(URL);
  });

  it('accepts what the allow-list names: the exact host and port, or any address of the range', async () => {
    await expect(policy('127.0.0.1:4120').judgeUrl('http://127.0.0.1:4120/v1')).resolves.toBeInstanceOf(URL);
    await expect(policy('127.0.0.1:80').judgeUrl('http://127.0.0.1/v1')).resolves.toBeInstanceOf(URL);
    await expect(policy('127.0.0.1:443').judgeUrl('https://127.0.0.1/v1')).resolves.toBeInstanceOf(URL);
    await expect(policy('localhost:4120').judgeUrl('http://localhost:4120/v1')).resolves.toBeInstanceOf(URL);
    await expect(policy('127.0.0.0/8').judgeUrl('http://localhost:4120/v1')).resolves.toBeInstanceOf(URL);
    await expect(policy('10.0.0.0/8', '10.9.8.7').judgeUrl('http://inside.example.com/v1')).resolves.toBeInstanceOf(URL);
  });

  it.each([
    'http://127.0.0.1:4121/',
    'http://127.0.0.1/',
    'http://localhost:4120/',
    'http://127.0.0.2:4120/',
    'http://[::ffff:127.0.0.1]:4120/',
  ])('refuses %s when only 127.0.0.1:4120 is allowed', async (url) => {
    await expect(policy('127.0.0.1:4120', '127.0.0.1').judgeUrl(url)).rejects.toEqual(refused);
  });

  it('names the field it is asked to name, and allows a query only where asked', async () => {
    await expect(policy('false').judgeUrl('http://127.0.0.1/', { param: 'url' })).rejects.toEqual(
      expect.objectContaining({ param: 'url' }),
    );
    await expect(
      policy('false', '8.8.8.8').judgeUrl('http://hook.example.com/?a=b', { allowQuery: true }),
    ).resolves.toBeInstanceOf(URL);
  });
});

describe('EgressPolicy.lookupFor', () => {
  it('hands out exactly the public ones of the addresses that one resolution gave', async () => {
    let asked = 0;
    const judge = new EgressPolicy('false', () => {
      asked += 1;
      return Promise.resolve(answer('10.0.0.1', '93.184.216.34', '::1', '2606:4700::1111'));
    });
    expect(await look(judge, 'h', 443)).toEqual(answer('93.184.216.34', '2606:4700::1111'));
    expect(asked).toBe(1);
    expect(await look(judge, 'h', 443, {})).toBe('93.184.216.34');
    expect(await look(judge, 'h', 443, { family: 6 })).toBe('2606:4700::1111');
  });

  it('fails when no address may be called, and when the name service fails', async () => {
    await expect(look(policy('false', '10.0.0.1', '::ffff:127.0.0.1', 'fe80::1%eth0'), 'h', 443)).rejects.toThrow(
      EgressRefusedError,
    );
    const absent = new EgressPolicy('false', () => Promise.reject(new Error('ENOTFOUND')));
    await expect(look(absent, 'h', 443)).rejects.toThrow('ENOTFOUND');
  });

  it('lets an allowed host through on its port only', async () => {
    const judge = policy('inside.example.com:8080', '10.0.0.1');
    expect(await look(judge, 'inside.example.com', 8080)).toEqual(answer('10.0.0.1'));
    await expect(look(judge, 'inside.example.com', 8081)).rejects.toThrow(EgressRefusedError);
    await expect(look(judge, 'other.example.com', 8080)).rejects.toThrow(EgressRefusedError);
  });
});

describe('EgressPolicy.refusalOfLiteral', () => {
  it('refuses private addresses, lets public and allowed ones and every name pass', () => {
    const judge = policy('127.0.0.1:4120,[::1]:4120');
    expect(judge.refusalOfLiteral('127.0.0.1', 4120)).toBeUndefined();
    expect(judge.refusalOfLiteral('::1', 4120)).toBeUndefined();
    expect(judge.refusalOfLiteral('8.8.8.8', 80)).toBeUndefined();
    expect(judge.refusalOfLiteral('localhost', 80)).toBeUndefined();
    expect(judge.refusalOfLiteral('127.0.0.1', 80)).toBeInstanceOf(EgressRefusedError);
    expect(judge.refusalOfLiteral('::ffff:7f00:1', 4120)).toBeInstanceOf(EgressRefusedError);
    expect(judge.refusalOfLiteral('fe80::1%eth0', 80)).toBeInstanceOf(EgressRefusedError);
  });
});
