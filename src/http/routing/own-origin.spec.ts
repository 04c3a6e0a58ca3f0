import { describe, expect, it } from '@jest/globals';
import { ownOrigin } from './own-origin.js';

const listening = (address: string) => ({ address: () => ({ address, port: 3000, family: 'IPv4' }) });

describe('where the platform finds itself', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:3000'],
    ['10.0.0.7', 'http://10.0.0.7:3000'],
    ['::1', 'http://[::1]:3000'],
    ['0.0.0.0', 'http://127.0.0.1:3000'],
    ['::', 'http://[::1]:3000'],
  ])('listening on %s, it is %s', (address, origin) => {
    expect(ownOrigin(listening(address), {})).toBe(origin);
  });

  it('is GT_PUBLIC_URL where that is set', () => {
    const config = { GT_PUBLIC_URL: 'https://api.example.com/gt/' };
    expect(ownOrigin(listening('127.0.0.1'), config)).toBe('https://api.example.com/gt');
  });
});
