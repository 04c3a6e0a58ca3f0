import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findAccess, findBaseUrl } from './access.js';

const up = {
  version: 1,
  admin_url: 'http://127.0.0.1:3000/api/admin/v1',
  admin_token: 'gtad_up',
  database_url: 'postgresql://x',
};

function dataDir(content?: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'gt-access-'));
  if (content !== undefined) writeFileSync(join(folder, 'up.json'), JSON.stringify(content));
  return folder;
}

describe('where the admin plane is', () => {
  it('flags win over variables, variables over up.json', () => {
    const env = { GT_DATA_DIR: dataDir(up), GT_ADMIN_URL: 'https://b.example/api/admin/v1', GT_ADMIN_TOKEN: 'gtad_env' };
    expect(findAccess({ url: 'https://a.example', token: 'gtad_flag' }, env)).toEqual({
      url: 'https://a.example/api/admin/v1',
      credential: { token: 'gtad_flag' },
    });
    expect(findAccess({}, env)).toEqual({ url: 'https://b.example/api/admin/v1', credential: { token: 'gtad_env' } });
    expect(findAccess({}, { GT_DATA_DIR: env.GT_DATA_DIR })).toEqual({ url: up.admin_url, credential: { token: 'gtad_up' } });
  });

  it('the token of up.json goes to no other address', () => {
    const env = { GT_DATA_DIR: dataDir(up) };
    expect(() => findAccess({ url: 'https://a.example' }, env)).toThrow('There is no token for https://a.example/api/admin/v1');
    expect(findAccess({ url: 'http://127.0.0.1:3000/' }, env).credential).toEqual({ token: 'gtad_up' });
  });

  it('the data plane is beside it, and nowhere where its path is another', () => {
    expect(findBaseUrl(undefined, { url: 'https://a.example' }, {})).toBe('https://a.example/api/tenant/v1');
    expect(findBaseUrl(undefined, { url: 'https://a.example/gt/api/admin/v1/' }, {})).toBe('https://a.example/gt/api/tenant/v1');
    expect(findBaseUrl(undefined, {}, { GT_ADMIN_URL: 'https://a.example/gt-admin' })).toBeUndefined();
  });

  it('says what is missing and which setting gives it', () => {
    expect(() => findAccess({}, { GT_DATA_DIR: dataDir() })).toThrow(/--url, set GT_ADMIN_URL, or start the platform/);
    expect(() => findAccess({}, { GT_DATA_DIR: dataDir({ version: 1 }) })).toThrow('There is no address');
    expect(() => findAccess({ url: 'a.example' }, {})).toThrow('"a.example" is no address of the admin plane');
  });
});
