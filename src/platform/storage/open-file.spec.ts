import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenFile } from './open-file.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gt-open-file-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const big = Buffer.alloc(8 * 1024 * 1024, 'a');

async function writeAll(file: OpenFile, content: Buffer): Promise<void> {
  for (let at = 0; at < content.length;) at += await file.write([content.subarray(at)], at);
}

it('closes when what has begun is over, so that nothing gets into the next file with its number', async () => {
  const files = await Promise.all(Array.from({ length: 8 }, (_none, at) => OpenFile.open(join(folder, `${at}`), 'wx+')));
  const writing = files.map((file) => file.write([big], 0));
  const closing = files.map((file) => file.close());
  const next = await OpenFile.open(join(folder, 'next'), 'wx+');
  const written = await Promise.all(writing);
  await Promise.all(closing);
  await next.close();
  for (const [at, bytes] of written.entries())
    expect(readFileSync(join(folder, `${at}`)).equals(big.subarray(0, bytes))).toBe(true);
  expect(readFileSync(join(folder, 'next')).length).toBe(0);
});

it('refuses what comes after', async () => {
  const file = await OpenFile.open(join(folder, 'closed'), 'wx+');
  const closed = file.close();
  expect(file.isClosed).toBe(true);
  await expect(file.write([big], 0)).rejects.toThrow('closed');
  await expect(file.read(Buffer.alloc(1), 0, 0)).rejects.toThrow('closed');
  await expect(file.sync()).rejects.toThrow('closed');
  await closed;
  await file.close();
});

it('reads what was written, from any place', async () => {
  const file = await OpenFile.open(join(folder, 'both'), 'wx+');
  await writeAll(file, Buffer.from('one two'));
  await file.sync();
  const target = Buffer.from('........');
  expect(await file.read(target, 2, 4)).toBe(3);
  expect(target.toString()).toBe('..two...');
  expect(await file.read(target, 0, 7)).toBe(0);
  await file.close();
});

it('tells what the system says', async () => {
  await expect(OpenFile.open(join(folder, 'absent', 'file'), 'r')).rejects.toMatchObject({ code: 'ENOENT' });
  const read = await OpenFile.open(folder, 'r');
  await expect(read.write([big], 0)).rejects.toMatchObject({ code: 'EBADF' });
  await read.close();
});
