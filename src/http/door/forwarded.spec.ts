import { describe, expect, it } from '@jest/globals';
import { forwardedFor } from './forwarded.js';

describe('the header Forwarded', () => {
  it.each([
    ['for=203.0.113.7', ['203.0.113.7']],
    ['For="[2001:db8::17]:4711"', ['[2001:db8::17]:4711']],
    ['for=192.0.2.60;proto=http;by=203.0.113.43', ['192.0.2.60']],
    ['for=192.0.2.43, for=198.51.100.17', ['192.0.2.43', '198.51.100.17']],
    ['proto=https, for=198.51.100.17', ['', '198.51.100.17']],
    ['by=";for=1.2.3.4";for=192.0.2.1', ['192.0.2.1']],
    ['for="\\1.2.3.4"', ['1.2.3.4']],
    ['for=_hidden', ['_hidden']],
    ['for="1.2.3.4', ['']],
    ['for=1.2.3.4;;', ['']],
    ['nonsense', ['']],
  ])('%s tells %j', (header, hops) => {
    expect(forwardedFor(header)).toEqual(hops);
  });

  it('that is not there tells nothing', () => {
    expect(forwardedFor(undefined)).toBeUndefined();
    expect(forwardedFor('')).toBeUndefined();
  });
});
