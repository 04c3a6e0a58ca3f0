import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { absoluteTarget, canonicalUrl } from './base-url.js';

const slashes = fc.constantFrom('/', '//', '///');
const segment = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-', '.', '%2F', ':', '@'), minLength: 1, maxLength: 6 });
const path = fc
  .array(fc.tuple(slashes, fc.oneof(fc.constantFrom('api', 'tenant', 'v1', 'models', 'http:'), segment)), { maxLength: 6 })
  .map((parts) => parts.map((part) => part.join('')).join(''));
const query = fc.constantFrom('', '?', '?a=1', '?url=http://x//y/', '?a=//');
const address = fc
  .tuple(path, fc.constantFrom('', '/'), query)
  .map((parts) => parts.join(''))
  .map((text) => (text.startsWith('/') ? text : `/${text}`));
const scheme = fc.constantFrom('http', 'https', 'HTTP', 'Https');
const authority = fc.constantFrom('x', 'api.acme.example', '127.0.0.1:3000', '[::1]:80', 'user@host', '');

describe('canonicalUrl', () => {
  it('leads a target with scheme and host to where its path leads, with its query', () => {
    fc.assert(
      fc.property(scheme, authority, address, (as, host, given) => {
        expect(canonicalUrl(`${as}://${host}${given}`)).toBe(canonicalUrl(given));
        expect(absoluteTarget(`${as}://${host}${given}`)).toEqual({ authority: host, path: given });
        expect(absoluteTarget(given)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['http://host', '/'],
    ['/api/tenant/v1', '/api/tenant/v1'],
    ['/api/tenant/v1/', '/api/tenant/v1'],
    ['/api/tenant/v1/v1', '/api/tenant/v1'],
    ['/api/tenant/v1/v1/v1/models', '/api/tenant/v1/v1/models'],
    ['/api/tenant/v1x/models', '/api/tenant/v1/v1x/models'],
    ['/api/tenant/v1/v1x', '/api/tenant/v1/v1x'],
    ['/api/tenant/v1/models?a=1/', '/api/tenant/v1/models?a=1/'],
    ['/api/tenant/v1/models?', '/api/tenant/v1/models?'],
    ['/api/tenant/v1//models', '/api/tenant/v1/models'],
    ['/api/tenantx/models/', '/api/tenantx/models'],
    ['/other//path/?x=/', '/other/path?x=/'],
    ['/', '/'],
    ['x/api/tenant/v1/', 'x/api/tenant/v1'],
    ['http://host#top', '/'],
    ['xhttp://host/a', 'xhttp:/host/a'],
    ['http://host?a=1', '/?a=1'],
    ['http://host/api/tenant', '/api/tenant/v1'],
    ['https://host:8443//api/tenant/v1/v1/models/?a=//', '/api/tenant/v1/models?a=//'],
    ['*', '*'],
    ['ftp://host/api/tenant/v1/models', 'ftp:/host/api/tenant/v1/models'],
    ['/api/tenant/v1/http://host/', '/api/tenant/v1/http:/host'],
  ])('brings %s to %s', (given, expected) => {
    expect(canonicalUrl(given)).toBe(expected);
  });
});
