import { describe, expect, it } from '@jest/globals';
import { ChunkMemory } from './chunk-memory.js';

const chunkBytes = 64 * 1024;
const chunks = (count: number): Buffer[] => Array.from({ length: count }, () => Buffer.allocUnsafeSlow(chunkBytes));

describe('ChunkMemory', () => {
  it('gives a chunk back once as much of the file is written as the form had at its end, and no byte before', () => {
    const memory = new ChunkMemory();
    const arrived = chunks(3);
    for (const chunk of arrived) memory.arrive(chunk);
    memory.written(chunkBytes - 1);
    expect(arrived.map(({ length }) => length)).toEqual([chunkBytes, chunkBytes, chunkBytes]);
    memory.written(2 * chunkBytes);
    expect(arrived.map(({ length }) => length)).toEqual([0, 0, chunkBytes]);
  });

  it('does not hold on to what a form has around its file', () => {
    const memory = new ChunkMemory();
    const arrived = chunks(200);
    for (const chunk of arrived) memory.arrive(chunk);
    memory.written(200 * chunkBytes);
    expect(arrived.filter(({ length }) => length > 0).length).toBe(200 - 64);
  });
});
