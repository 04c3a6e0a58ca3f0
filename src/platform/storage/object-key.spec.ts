import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../kernel/ids.js';
import { objectKey, parseKey, parsePlaced, readKey, readListPrefix, readPrefix } from './object-key.js';

describe('object keys', () => {
  const installation = 'ins_0123456789abcdef';

  it('stand under an installation and tell whose file they are', () => {
    const [tenantId, fileId] = [newId('tenant'), newId('file')];
    const key = objectKey(installation, tenantId, fileId);
    expect(key.startsWith(readListPrefix(installation))).toBe(true);
    expect(parsePlaced(key)).toEqual({ installation, tenantId, fileId });
    expect(parsePlaced(`${tenantId}/${fileId}`)).toBeUndefined();
    expect(readPrefix(`${tenantId}/`)).toBe(tenantId);
  });

  it('are read by a process of the release before, which takes none of them for a file of a tenant', () => {
    const { id } = readKey(objectKey(installation, newId('tenant'), newId('file')));
    expect(id).not.toMatch(/^file-/);
  });

  it.each([
    ['ins_short', 'ten_a', 'file-a'],
    [installation, 'key_a', 'file-a'],
    [installation, 'ten_a/b', 'file-a'],
    [installation, 'ten_a', 'conv_a'],
    [installation, 'ten_', 'file-a'],
  ])('are made of %s, %s and %s by nobody', (where, tenantId, fileId) => {
    expect(() => objectKey(where, tenantId, fileId)).toThrow(RangeError);
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
