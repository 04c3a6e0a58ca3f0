import { describe, expect, it } from '@jest/globals';
import { withoutDataUris } from './data-uris.js';

const base64 = Buffer.from('a picture, as it were, of some length').toString('base64');

describe('withoutDataUris', () => {
  it('drops the data of addresses in any form', () => {
    expect(withoutDataUris(`![x](data:image/png;base64,${base64}) end`)).toBe('![x]() end');
    expect(withoutDataUris(`{"a":"data:image\\/png;base64,${base64}\\/x"}`)).toBe('{"a":""}');
    expect(withoutDataUris(`url(data:text/plain;charset=utf-8;base64,${base64}); next`)).toBe('url(); next');
    expect(withoutDataUris(`<data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22/%3E>`)).toBe('<>');
    expect(withoutDataUris(`data:a/b;base64,${`\n${'QUJD'.repeat(15)}`.repeat(3)}\nQUI=\nText.`)).toBe('\nText.');
  });

  it('leaves other words alone', () => {
    for (const text of ['data: a/b', 'metadata:image/png', 'the data:text/plain,short address'])
      expect(withoutDataUris(text)).toBe(text);
  });

  it('takes time that grows with the text alone', () => {
    for (const part of ['data:', 'data:a/b;', 'data:a/b;base64,', 'data:a/b;c=d', 'data:a/b;base64,\n', 'data:a/'])
      expect(withoutDataUris(part.repeat(200_000)).length).toBeLessThanOrEqual(part.length * 200_000);
  });
});
