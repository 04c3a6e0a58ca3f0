import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Money } from '../contracts/money.js';
import { cellText, fieldLines, table } from './table.js';

describe('a table', () => {
  it('aligns columns, numbers to the right, and leaves no blanks at the ends of lines', () => {
    const rows = [
      { name: 'a', calls: 5, last_used_at: null },
      { name: 'longer', calls: 1200, last_used_at: 0 },
    ];
    expect(table(['name', 'calls', 'last_used_at'], rows)).toBe(
      ['NAME    CALLS  LAST USED AT', 'a           5  -', 'longer   1200  1970-01-01T00:00:00Z', ''].join('\n'),
    );
  });

  it('has the points of money below each other, beside tokens as well', () => {
    const rows = [
      { left: new Money(5_000_000), unit: 'USD' },
      { left: new Money(43), unit: 'USD' },
      { left: 1200, unit: 'tokens' },
      { left: null, unit: 'USD' },
    ];
    expect(table(['left', 'unit'], rows)).toBe(
      ['    LEFT  UNIT', '5.000000  USD', '0.000043  USD', '    1200  tokens', '       -  USD', ''].join('\n'),
    );
    expect(fieldLines({ amount: new Money(5_000_000), period: { left: new Money(43) } })).toBe(
      ['amount  5.00', 'period', '  left  0.000043', ''].join('\n'),
    );
  });

  it('keeps one line for a row and lets no text steer the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const lines = table(['name'], [{ name }]).split('\n');
        expect(lines).toHaveLength(3);
        expect(lines[1]).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it('shows lists, objects and what is absent in one line', () => {
    expect(cellText('agents', ['a', 'b'])).toBe('a, b');
    expect(cellText('agents', [])).toBe('-');
    expect(cellText('limits', { a: null })).toBe('{"a":null}');
    expect(cellText('default', false)).toBe('false');
    expect(fieldLines({ object: 'key', id: 'key_1', expires_at: 1 })).toBe(
      'id          key_1\nexpires_at  1970-01-01T00:00:01Z\n',
    );
    expect(fieldLines({ valid_from: 1, calls: 1 })).toBe('valid_from  1970-01-01T00:00:01Z\ncalls       1\n');
  });

  it('shows an object within an object in lines of its own', () => {
    const login = { state: 'in', failure: null, expires_at: 1 };
    expect(fieldLines({ name: 'main', auth: { mode: 'oauth', scopes: ['a', 'b'], login }, paths: {}, created_at: 2 })).toBe(
      [
        'name        main',
        'auth',
        '  mode    oauth',
        '  scopes  a, b',
        '  login',
        '    state       in',
        '    failure     -',
        '    expires_at  1970-01-01T00:00:01Z',
        'paths       -',
        'created_at  1970-01-01T00:00:02Z',
        '',
      ].join('\n'),
    );
  });

  it('takes any name and any value within an object', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.jsonValue(), (name, value) => {
        expect(fieldLines({ labels: { [name]: value, [`${name}_at`]: 1e300 } }).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
