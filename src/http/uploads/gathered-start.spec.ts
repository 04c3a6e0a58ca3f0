import { expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { GatheredStart } from './gathered-start.js';

const kib = 1024;

/** A stream that remembers how many bytes each of its writes had. */
function remembering(highWaterMark = 256 * kib): { readonly stream: Writable; readonly writes: number[] } {
  const writes: number[] = [];
  const stream = new Writable({
    highWaterMark,
    write: (chunk: Buffer, _encoding, done) => {
      writes.push(chunk.length);
      done();
    },
    writev: (chunks: { readonly chunk: Buffer }[], done) => {
      writes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
      done();
    },
  });
  return { stream, writes };
}

async function send(stream: Writable, chunks: readonly number[]): Promise<void> {
  const start = new GatheredStart(stream);
  let bytes = 0;
  for (const length of chunks) {
    stream.write(Buffer.alloc(length));
    start.given((bytes += length));
  }
  start.end();
  stream.end();
  await finished(stream);
}

it('makes one write of a small file', async () => {
  const { stream, writes } = remembering();
  await send(stream, [64 * kib, 20 * kib, 16 * kib]);
  expect(writes).toEqual([100 * kib]);
});

it('lets a larger one go on as it comes', async () => {
  const { stream, writes } = remembering();
  await send(stream, [64 * kib, 64 * kib, 10, 20]);
  expect(writes).toEqual([128 * kib, 10, 20]);
});

it('holds no more than some pieces of a file that comes byte by byte', async () => {
  const { stream, writes } = remembering();
  await send(stream, Array<number>(1000).fill(1));
  expect(writes.reduce((sum, bytes) => sum + bytes, 0)).toBe(1000);
  expect(writes.slice(0, 2)).toEqual([128, 1]);
});

it('leaves a stream alone that takes less at a time', async () => {
  const { stream, writes } = remembering(64 * kib);
  await send(stream, [10, 20]);
  expect(writes).toEqual([10, 20]);
});

it('gathers for so many at a time, and again when those are over', () => {
  const open = Array.from({ length: 256 }, () => new GatheredStart(remembering().stream));
  const further = remembering();
  const last = new GatheredStart(further.stream);
  expect(further.stream.writableCorked).toBe(0);
  for (const start of [...open, last]) start.end();
  const later = remembering();
  new GatheredStart(later.stream).end();
  expect(later.stream.writableCorked).toBe(1);
});
