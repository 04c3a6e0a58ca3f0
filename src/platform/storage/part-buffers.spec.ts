import { describe, expect, it } from '@jest/globals';
import { PartBuffers } from './part-buffers.js';

describe('PartBuffers', () => {
  it('lends no more buffers at once than there are, each to one work', async () => {
    const buffers = new PartBuffers(3, 16);
    const lent = new Set<ArrayBufferLike>();
    let most = 0;
    const work = async (buffer: Buffer): Promise<void> => {
      expect(lent.has(buffer.buffer)).toBe(false);
      lent.add(buffer.buffer);
      most = Math.max(most, lent.size);
      await new Promise((resolve) => setImmediate(resolve));
      lent.delete(buffer.buffer);
    };
    await Promise.all(Array.from({ length: 50 }, () => buffers.withBuffer(10, work)));
    expect(most).toBe(3);
  });

  it('gives its place on when a work fails, and never lends that buffer again', async () => {
    const buffers = new PartBuffers(1, 16);
    let failed: ArrayBufferLike | undefined;
    const failing = buffers.withBuffer(16, async (buffer) => {
      failed = buffer.buffer;
      throw new Error('no');
    });
    const next = buffers.withBuffer(16, async (buffer) => buffer.buffer);
    await expect(failing).rejects.toThrow('no');
    expect(await next).not.toBe(failed);
    expect(await buffers.withBuffer(16, async (buffer) => buffer.buffer)).toBe(await next);
  });

  it('lends a larger one when a part needs it', async () => {
    const buffers = new PartBuffers(1, 16);
    expect(await buffers.withBuffer(40, async (buffer) => buffer.length)).toBe(40);
    expect(await buffers.withBuffer(16, async (buffer) => buffer.buffer.byteLength)).toBe(16);
  });
});
