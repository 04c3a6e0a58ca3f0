import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ThoughtMemory } from './thought-memory.js';

const total = 10_000;
const day = 86_400_000;

/** A memory of 10,000 bytes under a clock that stands until it is moved. */
function memoryOf(): { memory: ThoughtMemory; wait: (ms: number) => void } {
  let now = 1_000;
  return { memory: new ThoughtMemory(total, () => now), wait: (ms) => (now += ms) };
}
const bytes = (size: number): Buffer => Buffer.alloc(size, 'x');
const one = bytes(1);

describe('ThoughtMemory', () => {
  it('knows what was answered, with something to give back and without, until its time is over', () => {
    const { memory, wait } = memoryOf();
    memory.answered('a', 'with', one, day);
    memory.answered('a', 'without', undefined, day);
    wait(day - 1);
    expect([memory.get('a', 'with')?.content, memory.get('a', 'without')]).toMatchObject([one, { content: undefined }]);
    wait(1);
    expect([memory.get('a', 'with'), memory.get('a', 'without')]).toEqual([undefined, undefined]);
  });

  it("knows nothing of another tenant's calls", () => {
    const { memory } = memoryOf();
    memory.answered('a', 'mark', one, day);
    expect(memory.get('b', 'mark')).toBeUndefined();
  });

  it('gives neither back when two answers make the same call', () => {
    const { memory } = memoryOf();
    expect(memory.answered('a', 'mark', one, day)).toBe(one);
    expect(memory.answered('a', 'mark', bytes(2), day)).toBeUndefined();
    expect(memory.get('a', 'mark')).toMatchObject({ content: undefined });
  });

  it('takes an answer for more than what the database did not have, and keeps it when that is read late', () => {
    const { memory } = memoryOf();
    memory.read('a', 'mark', undefined, 60_000);
    expect(memory.answered('a', 'mark', one, day)).toBe(one);
    memory.read('a', 'mark', undefined, 60_000);
    expect(memory.get('a', 'mark')?.content).toBe(one);
  });

  it('takes what it has read for an answer', () => {
    const { memory } = memoryOf();
    memory.read('a', 'mark', one, day);
    expect(memory.answered('a', 'mark', bytes(2), day)).toBeUndefined();
  });

  it('gives up what was not used for longest', () => {
    const { memory } = memoryOf();
    for (const mark of ['1', '2', '3']) memory.answered('a', mark, bytes(2_500), day);
    memory.get('a', '1');
    memory.answered('a', '4', bytes(2_500), day);
    expect(['1', '2', '3', '4'].map((mark) => memory.get('a', mark) !== undefined)).toEqual([true, false, true, true]);
  });

  it('lets no tenant push out what another has that takes less, and never holds more than the whole', () => {
    const step = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      mark: fc.integer({ min: 0, max: 9 }),
      size: fc.nat({ max: 4_000 }),
    });
    const holds = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { memory } = memoryOf();
      memory.answered('small', 'mark', bytes(1_500), day);
      for (const { tenant, mark, size } of steps) {
        memory.answered(tenant, String(mark), bytes(size), day);
        expect(memory.heldBytes).toBeLessThanOrEqual(total);
      }
      expect(memory.get('small', 'mark')?.content).toBeDefined();
    });
    fc.assert(holds);
  });
});
