import { describe, expect, it } from '@jest/globals';
import { SocketMemory } from './socket-memory.js';

const mebibyte = 1024 * 1024;

/** A memory, and how many bytes it counts. */
function memory(most = Infinity) {
  const room = { bytes: 0 };
  const take = (bytes: number): boolean => {
    if (room.bytes + bytes > most) return false;
    room.bytes += bytes;
    return true;
  };
  return { room, kept: new SocketMemory({ take, giveBack: (bytes) => void (room.bytes -= bytes) }) };
}

describe("a socket's memory", () => {
  it('counts bytes, once for each item, and gives all of them back', () => {
    const { room, kept } = memory();
    const [first, second] = [
      { id: 'a', json: '"日本国憲法"' },
      { id: 'b', json: '"é😀"' },
    ];
    kept.keep('one', [first]);
    expect(room.bytes).toBe(17);
    kept.keep('two', [first, second]);
    expect(room.bytes).toBe(25);
    kept.forget('one');
    expect(room.bytes).toBe(25);
    kept.clear();
    expect(room.bytes).toBe(0);
  });

  it('holds no more bytes than it may, whatever they spell', () => {
    const { room, kept } = memory();
    for (let at = 0; at < 8; at += 1) kept.keep(`r${at}`, [{ id: `i${at}`, json: '日'.repeat(mebibyte) }]);
    expect(room.bytes).toBe(15 * mebibyte);
    expect(kept.chain('r2')).toBeUndefined();
    expect(kept.chain('r3')).toBeDefined();
  });

  it('remembers nothing of a response for which there is no room', () => {
    const { room, kept } = memory(20);
    kept.keep('one', [
      { id: 'a', json: '"日本"' },
      { id: 'b', json: '"日本国憲法"' },
    ]);
    expect([kept.chain('one'), room.bytes]).toEqual([undefined, 0]);
  });
});
