import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isPostmasterOf, readPostmasterFile, removeStalePidFile } from './postmaster.js';

describe('postmaster.pid', () => {
  let dir: string;
  const write = (...lines: (string | number)[]) => writeFileSync(join(dir, 'postmaster.pid'), `${lines.join('\n')}\n`);

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'gt-pid-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('gives process, port and readiness', () => {
    write(4711, '/data', 1795177287, 5433, '', '127.0.0.1', '  2147901         9', 'ready   ');
    expect(readPostmasterFile(dir)).toEqual({ pid: 4711, port: 5433, ready: true });
  });

  it('is not ready while the server starts or stops, and tells nothing when absent or half written', () => {
    expect(readPostmasterFile(dir)).toBeNull();
    write('');
    expect(readPostmasterFile(dir)).toBeNull();
    write(4711, '/data');
    expect(readPostmasterFile(dir)).toEqual({ pid: 4711, port: null, ready: false });
    write(4711, '/data', 1, 5433, '', '127.0.0.1', '1 9', 'stopping');
    expect(readPostmasterFile(dir)?.ready).toBe(false);
  });

  it('that names a living stranger is removed, since PostgreSQL would refuse to start beside it', () => {
    write(process.pid, dir, 1, 5433, '', '127.0.0.1', '1 9', 'ready');
    expect(isPostmasterOf(dir, process.pid)).toBe(false);
    removeStalePidFile(dir);
    expect(existsSync(join(dir, 'postmaster.pid'))).toBe(false);
  });

  it('that names a dead process is left to PostgreSQL', () => {
    write(2 ** 22 + 1, dir, 1, 5433, '', '127.0.0.1', '1 9', 'ready');
    removeStalePidFile(dir);
    expect(existsSync(join(dir, 'postmaster.pid'))).toBe(true);
  });
});
