import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withoutBoundary } from './held-body.js';
import { heldHeaders } from './held-headers.js';

const boundaries = fc.stringMatching(/^[A-Za-z0-9]{10,30}$/);
const formOf = (boundary: string, content: string): Buffer =>
  Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="a"\r\n\r\n${content}\r\n--${boundary}--\r\n`, 'latin1');
const typeOf = (boundary: string): string => `multipart/form-data; boundary=${boundary}`;

describe('a form that is held', () => {
  it('is the same with another boundary, and another with another content', () => {
    fc.assert(
      fc.property(
        boundaries,
        boundaries,
        fc.stringMatching(/^[a-z ]{0,9}$/),
        fc.stringMatching(/^[a-z ]{0,9}$/),
        (a, b, one, other) => {
          const hashed = (boundary: string, content: string): string =>
            withoutBoundary(typeOf(boundary), formOf(boundary, content)).toString('latin1');
          expect(hashed(a, one)).toBe(hashed(b, one));
          expect(hashed(a, one) === hashed(a, other)).toBe(one === other);
        },
      ),
    );
  });

  it('is read with its boundary in quotes, and left alone without one', () => {
    expect(withoutBoundary('multipart/form-data; boundary="a b"', Buffer.from('--a b\r\n')).toString()).toBe('--\r\n');
    expect(withoutBoundary('multipart/form-data', Buffer.from('--x')).toString()).toBe('--x');
  });
});

describe('the headers of a held request', () => {
  it('are those of the call, without credentials and what belongs to one sending', () => {
    const own = {
      'content-type': 'application/json',
      'x-gt-conversation-id': 'conv_1',
      host: 'gt.example',
      'x-stainless-lang': 'js',
    };
    const others = {
      authorization: 'Bearer gtak_x',
      cookie: 'a=b',
      'content-length': '3',
      'idempotency-key': 'k',
      prefer: 'respond-async',
      'x-forwarded-for': '10.0.0.1',
      'sec-websocket-key': 'x',
      'x-stainless-retry-count': '1',
    };
    expect(heldHeaders({ ...own, ...others })).toEqual(own);
  });
});
