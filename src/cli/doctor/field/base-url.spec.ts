import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { spelledBaseUrl } from './base-url.js';

describe('a base URL', () => {
  it.each([
    ['https://a.example/api/tenant/v1/', 'right'],
    ['https://a.example//api//tenant/v1', 'right'],
    ['https://a.example/gate/api/tenant/v1', 'right'],
    ['https://a.example/api/tenant', 'without-v1'],
    ['https://a.example/api/tenant/v1/v1', 'doubled-v1'],
    ['https://a.example/api/tenant/v1/models', 'with-route'],
    ['https://a.example/api/tenant/chat/completions', 'with-route'],
    ['https://a.example/v1', 'without-api-tenant'],
    ['https://a.example/api/tenants/v1', 'without-api-tenant'],
  ])('%s is %s', (given, form) => {
    expect(spelledBaseUrl(given).form).toBe(form);
  });

  it('keeps its host, and a path in front, in what it should be, which is right itself', () => {
    const segments = fc.array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { maxLength: 4 });
    fc.assert(
      fc.property(segments, segments, fc.boolean(), (before, behind, hasPlane) => {
        const given = `https://a.example/${[...before, ...(hasPlane ? ['api', 'tenant'] : []), ...behind].join('/')}`;
        for (const candidate of spelledBaseUrl(given).candidates) {
          expect(spelledBaseUrl(candidate)).toEqual({ given: candidate, form: 'right', candidates: [candidate] });
          expect(new URL(candidate).origin).toBe('https://a.example');
        }
      }),
    );
  });
});
