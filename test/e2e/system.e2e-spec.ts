import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

describe('system routes', () => {
  it('healthz says ok without a key', async () => {
    const response = await fetch(`${app.url}/healthz`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok' });
  });

  it('readyz names each part', async () => {
    const response = await fetch(`${app.url}/readyz`);
    expect(await response.json()).toEqual({
      status: 'ok',
      checks: {
        database: { ok: true },
        migrations: { ok: true },
        queue: { ok: true },
        storage: { ok: true },
        journal: { ok: true },
        limits: { ok: true },
      },
    });
    expect(response.status).toBe(200);
  });

  it.each(['/api/tenant', '/api/tenant/', '/api/tenant/v1', '/api/tenant/v1/v1/', '//api//tenant'])(
    '%s answers the index of the data plane',
    async (path) => {
      const response = await fetch(`${app.url}${path}`);
      expect(await response.json()).toEqual({ object: 'api', name: 'GT API', base_url: `${app.baseUrl}` });
    },
  );

  it('a root /v1 route answers 404 with the right base URL', async () => {
    const response = await fetch(`${app.url}/v1/chat/completions`, { method: 'POST' });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: {
        message: `Invalid URL (POST /v1/chat/completions). The base URL of this API is ${app.baseUrl}.`,
        type: 'invalid_request_error',
        param: null,
        code: 'unknown_url',
      },
    });
  });
});
