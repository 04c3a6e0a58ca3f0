import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BodyRooms } from './body-rooms.js';

const step = fc.record({
  tenant: fc.constantFrom('a', 'b', 'c'),
  bytes: fc.constantFrom(10, 65_536, 65_537, 200_000, 1_048_576, 1_100_000),
  back: fc.boolean(),
});

describe('BodyRooms', () => {
  it('never gives a room to another tenant, nor one to two at once, and always enough', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const rooms = new BodyRooms();
        const owners = new Map<Buffer, string>();
        const taken: { tenant: string; room: Buffer }[] = [];
        for (const { tenant, bytes, back } of steps) {
          const given = back ? taken.pop() : undefined;
          if (given !== undefined) {
            rooms.giveBack(given.tenant, given.room);
            continue;
          }
          const room = rooms.take(tenant, bytes);
          expect(room.length).toBeGreaterThanOrEqual(bytes);
          expect(taken.some((other) => other.room === room)).toBe(false);
          expect(owners.get(room) ?? tenant).toBe(tenant);
          owners.set(room, tenant);
          taken.push({ tenant, room });
        }
      }),
    );
  });

  it('uses a room again for the next body of about that size', () => {
    const rooms = new BodyRooms();
    const room = rooms.take('a', 200_000);
    rooms.giveBack('a', room);
    expect(rooms.take('a', 190_000)).toBe(room);
    expect(rooms.take('a', 190_000)).not.toBe(room);
  });

  it('gives who has no tenant a room of its own', () => {
    const rooms = new BodyRooms();
    rooms.giveBack('a', rooms.take('a', 200_000));
    expect(rooms.take(undefined, 200_000)).not.toBe(rooms.take('a', 200_000));
  });
});
