import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dataArgument, isOpenToEverybody } from './server-account.js';

describe('what another account can reach', () => {
  let root: string;
  let inner: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gt-account-'));
    inner = join(root, 'a', 'b');
    mkdirSync(inner, { recursive: true });
    for (const path of [root, join(root, 'a'), inner]) chmodSync(path, 0o755);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('a folder below open folders is open', () => {
    expect(isOpenToEverybody(inner)).toBe(true);
  });

  it('one private parent closes everything below it', () => {
    chmodSync(root, 0o700);
    expect(isOpenToEverybody(inner)).toBe(false);
  });

  it('a parent that may be entered but not listed does not close it', () => {
    chmodSync(root, 0o711);
    expect(isOpenToEverybody(inner)).toBe(true);
  });

  it('a folder that may be entered but not read is not open', () => {
    chmodSync(inner, 0o711);
    expect(isOpenToEverybody(inner)).toBe(false);
  });
});

describe('how the server is told where its data is', () => {
  it('by path when it runs as ourselves, by its inherited folder when it runs as another account', () => {
    expect(dataArgument('/x/data', null)).toBe('/x/data');
    expect(dataArgument('/x/data', { uid: 1, gid: 1 })).toBe('/proc/self/cwd');
  });
});
