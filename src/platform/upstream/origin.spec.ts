import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../kernel/app-error.js';
import { upstreamTarget } from './origin.js';

describe('upstreamTarget', () => {
  it.each([
    ['https://api.example.com/v1', '/models', 'https://api.example.com', '/v1/models'],
    ['https://api.example.com/v1/', '/models', 'https://api.example.com', '/v1/models'],
    ['https://api.example.com', '/models', 'https://api.example.com', '/models'],
    ['https://api.example.com:443//a//b//', '//models', 'https://api.example.com', '/a/b/models'],
    ['http://127.0.0.1:4120/v1', '/chat/completions', 'http://127.0.0.1:4120', '/v1/chat/completions'],
    ['http://[::1]:4120/v1', '/models', 'http://[::1]:4120', '/v1/models'],
    ['HTTPS://API.Example.COM/V1', '/models', 'https://api.example.com', '/V1/models'],
  ])('joins %s and %s', (base, path, origin, joined) => {
    expect(upstreamTarget(base, path)).toEqual({ origin, path: joined });
  });

  it.each([
    '',
    'example.com',
    'ftp://example.com/',
    'https://h/v1?a=b',
    'https://h/v1?',
    'https://h/v1#x',
    'https://u:p@h/v1',
    'https://u@h/v1',
  ])('refuses the base "%s"', (base) => {
    expect(() => upstreamTarget(base, '/models')).toThrow(expect.objectContaining({ code: 'invalid_value', param: 'base_url' }));
  });

  it.each([
    '',
    'models',
    '/models?a=b',
    '/models#a',
    '/a b',
    '/a\r\nhost: x',
    '/ä',
    '/../admin',
    '/a/%2E%2e/b',
    '/a/.',
    '/a\\b',
    'https://other/',
  ])('refuses the path "%s"', (path) => {
    expect(() => upstreamTarget('https://h/v1', path)).toThrow(
      expect.objectContaining({ code: 'invalid_value', param: 'paths' }),
    );
  });

  it('never leaves the origin of the base, whatever the path', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.oneof(fc.webPath(), fc.string()), (base, path) => {
        try {
          const target = upstreamTarget(base, path);
          expect(target.origin).toBe(new URL(base).origin);
          expect(new URL(target.origin + target.path).origin).toBe(target.origin);
          expect(target.path).toMatch(/^\/(?!\/)[\x21-\x7e]*$/);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
        }
      }),
    );
  });
});
