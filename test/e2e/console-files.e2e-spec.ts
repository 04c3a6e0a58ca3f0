import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const get = (path: string, headers: Record<string, string> = {}) => fetch(app.url + path, { headers, redirect: 'manual' });
const page = async () => (await get('/console/')).text();
const script = async () => /src="(\/console\/assets\/[^"]+\.js)"/.exec(await page())?.[1] ?? 'no script';

describe('the files of the console', () => {
  it('are the page for every address that the page itself reads, never kept without asking', async () => {
    for (const path of ['/console', '/console/', '/console/keys', '/console/keys/key_1?tab=usage', '/console/sign-in']) {
      const answer = await get(path);
      expect([path, answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
        path,
        200,
        'text/html; charset=utf-8',
        'no-cache',
      ]);
      expect(answer.headers.get('content-security-policy')?.split('; ')).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        'media-src data: blob:',
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ]);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  it('are kept for good where their names change with their content, and come in gzip', async () => {
    const answer = await get(await script(), { 'accept-encoding': 'gzip' });
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ]);
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    const plain = await get(await script(), { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(await answer.text());
  });

  it('are not found where they are of another build, and there are none beyond the folder', async () => {
    for (const path of [
      '/console/assets/index-gone.js',
      '/console/gone.css',
      '/console/assets/../../package.json',
      '/console/%2e%2e/package.json',
    ]) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });

  it('have no script within the page, and name no other host', async () => {
    const text = await page();
    expect(text).not.toMatch(/<script(?![^>]*src=)/);
    expect(text).not.toMatch(/https?:/);
  });
});
