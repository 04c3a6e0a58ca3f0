import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../kernel/ids.js';
import { objectKey, parseKey, readKey, readPrefix } from './object-key.js';

describe('object keys', () => {
  it('are made of two ids of ours', () => {
    const [tenantId, id] = [newId('tenant'), newId('file')];
    expect(readKey(objectKey(tenantId, id))).toEqual({ tenantId, id });
    expect(readPrefix(`${tenantId}/`)).toBe(tenantId);
  });

  it.each([
    '',
    '/',
    'ten_a',
    'ten_a/',
    '/file-a',
    'ten_a/file-a/x',
    '../file-a',
    'ten_a/..',
    'ten_a/.file-a',
    'ten_a/file-a\0',
    'ten_a\\file-a',
    'incoming/file-a',
    'ten_a/file-a ',
    'TEN_a/file-a',
    `ten_a/file-${'a'.repeat(65)}`,
  ])('refuse %j', (key) => {
    expect(() => readKey(key)).toThrow(RangeError);
    expect(parseKey(key)).toBeUndefined();
  });

  it.each(['', '/', 'ten_a', 'incoming/', 'ten_a/file-', '../', 'ten_a//'])('refuse the prefix %j', (prefix) => {
    expect(() => readPrefix(prefix)).toThrow(RangeError);
  });

  it('never hold a dot, a backslash, a control character or a third part', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('', 'ten_a/', '/file-a'), (text, affix) => {
        const key = affix === '/file-a' ? text + affix : affix + text;
        if (parseKey(key) !== undefined) expect(key).toMatch(/^[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+$/);
      }),
    );
  });
});
