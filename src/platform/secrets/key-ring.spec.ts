import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyRing, SealError } from './key-ring.js';

const oldKey = `old:${Buffer.alloc(32, 1).toString('base64')}`;
const newKey = `new:${Buffer.alloc(32, 2).toString('base64')}`;
const context = { tenantId: 'ten_1', recordId: 'con_1' };

describe('the key ring', () => {
  it('opens any bytes and texts that it sealed', () => {
    const ring = new KeyRing([newKey]);
    fc.assert(
      fc.property(fc.uint8Array(), fc.string({ unit: 'binary' }), (bytes, text) => {
        expect(ring.openBytes(ring.sealBytes(bytes, context), context).equals(Buffer.from(bytes))).toBe(true);
        expect(ring.open(ring.seal(text, context), context)).toBe(Buffer.from(text).toString());
      }),
    );
  });

  it('opens nothing under another tenant or record, and nothing that was changed', () => {
    const ring = new KeyRing([newKey]);
    const sealed = ring.seal('secret', context);
    const changed = Buffer.from(sealed);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(() => ring.open(sealed, { ...context, tenantId: 'ten_2' })).toThrow(SealError);
    expect(() => ring.open(sealed, { ...context, recordId: 'con_2' })).toThrow(SealError);
    expect(() => ring.open(changed, context)).toThrow(SealError);
  });

  it('seals with its first key and opens what any key of it sealed', () => {
    const sealed = new KeyRing([oldKey]).seal('secret', context);
    expect(new KeyRing([newKey, oldKey]).open(sealed, context)).toBe('secret');
    expect(() => new KeyRing([newKey]).open(sealed, context)).toThrow(SealError);
    expect(() => new KeyRing([oldKey]).open(new KeyRing([newKey, oldKey]).seal('secret', context), context)).toThrow(SealError);
  });

  it('digests a text to the same bytes as long as tenant, record and its first key are the same', () => {
    const digest = (text: string, ring = new KeyRing([newKey, oldKey]), of = context): string =>
      ring.digest(text, of).toString('hex');
    const first = digest('a');
    expect(digest('a')).toBe(first);
    const others = [
      digest('b'),
      digest('a', new KeyRing([oldKey, newKey])),
      digest('a', undefined, { ...context, recordId: 'con_2' }),
    ];
    expect(new Set([first, ...others]).size).toBe(4);
  });
});
