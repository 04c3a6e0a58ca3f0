import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { tarEnd, tarHeader, tarPadding } from './tar.js';

describe('a tar archive', () => {
  it('is what tar itself reads: names, sizes and contents', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'gt-tar-')), 'a.tar');
    const contents = new Map([
      ['rows/files.ndjson', Buffer.from('{"a":1}\n')],
      ['rows/empty.ndjson', Buffer.alloc(0)],
      ['contents/file-abc', Buffer.alloc(512, 7)],
      [`contents/${'x'.repeat(91)}`, Buffer.alloc(1_025, 9)],
    ]);
    const at = new Date('2026-12-01T00:00:00Z');
    const pieces = [...contents].flatMap(([name, bytes]) => [tarHeader(name, bytes.length, at), bytes, tarPadding(bytes.length)]);
    writeFileSync(path, Buffer.concat([...pieces, tarEnd]));
    expect(execFileSync('tar', ['-tf', path], { encoding: 'utf8' }).trim().split('\n')).toEqual([...contents.keys()]);
    for (const [name, bytes] of contents) expect(execFileSync('tar', ['-xOf', path, name])).toEqual(bytes);
  });

  it('has contents beyond eight gibibytes', () => {
    const bytes = 3 * 2 ** 40 + 5;
    const header = tarHeader('contents/file-large', bytes, new Date(0));
    expect([header[124], Number(header.readBigUInt64BE(128))]).toEqual([0x80, bytes]);
  });

  it.each(['', 'x'.repeat(101), 'na\nme', 'ä'])('refuses the name %j', (name) => {
    expect(() => tarHeader(name, 0, new Date(0))).toThrow(RangeError);
  });
});
