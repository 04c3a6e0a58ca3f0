import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { personalDataKinds } from '../../../contracts/prompt-policy.js';
import { hostileTexts, lookedAt } from '../../../../test/support/hostile-texts.js';
import { findPersonalData } from './personal-data.js';

const all = new Set(personalDataKinds);

/** What is found, as kind and text. */
function found(text: string): string[] {
  return findPersonalData(text, 0, all).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`);
}

describe('personal data', () => {
  it.each([
    ['alice@example.com', 'email alice@example.com'],
    ['Write to <mailto:a.b+c%d@mail.example.co.uk>.', 'email a.b+c%d@mail.example.co.uk'],
    ["'o'brien@example.com'", "email o'brien@example.com"],
    ['请联系alice@example.com。', 'email alice@example.com'],
    ['jörg@müller.de', 'email jörg@müller.de'],
    ['mail me: bob_1@sub-domain.example.xn--p1ai!', 'email bob_1@sub-domain.example.xn--p1ai'],
    ['01712345678@example.com', 'email 01712345678@example.com'],
  ])('has the e-mail address of %s', (text, value) => expect(found(text)).toEqual([value]));

  it.each(['user@localhost', '@home', 'a@', 'lodash@4.17.21', 'x.@example.com', 'a@-b.de', 'price @ example.com'])(
    'has no e-mail address in %s',
    (text) => expect(found(text)).toEqual([]),
  );

  it.each([
    ['DE89370400440532013000', 'iban DE89370400440532013000'],
    ['IBAN: DE89 3704 0044 0532 0130 00, BIC', 'iban DE89 3704 0044 0532 0130 00'],
    ['gb29nwbk60161331926819.', 'iban gb29nwbk60161331926819'],
    ['MT84-MALT-0110-0001-2345-MTLC-AST0-01S', 'iban MT84-MALT-0110-0001-2345-MTLC-AST0-01S'],
    ['NO93\u00a08601\u00a01117\u00a0947', 'iban NO93\u00a08601\u00a01117\u00a0947'],
  ])('has the account number of %s', (text, value) => expect(found(text)).toEqual([value]));

  it.each(['DE88370400440532013000', 'DE8937040044053201300', 'XDE89370400440532013000', 'ZZ89370400440532013000'])(
    'has no account number in %s',
    (text) => expect(found(text).filter((one) => one.startsWith('iban'))).toEqual([]),
  );

  it.each([
    ['4111 1111 1111 1111', 'card 4111 1111 1111 1111'],
    ['card 5555-5555-5555-4444 12/27', 'card 5555-5555-5555-4444'],
    ['378282246310005', 'card 378282246310005'],
    ['(3782 822463 10005)', 'card 3782 822463 10005'],
    ['"4222222222222"', 'card 4222222222222'],
  ])('has the number of a card of %s', (text, value) => expect(found(text)).toEqual([value]));

  it.each(['4111 1111 1111 1112', 'x4111111111111111', '41111111111111110', '1111 1111 1111 1117', '4.111111111111111'])(
    'has no number of a card in %s',
    (text) => expect(found(text)).toEqual([]),
  );

  it.each([
    ['+49 30 1234567', 'phone +49 30 1234567'],
    ['Tel. +49 (0)171/234-5678.', 'phone +49 (0)171/234-5678'],
    ['0049 30 1234567', 'phone 0049 30 1234567'],
    ['(030) 1234567', 'phone (030) 1234567'],
    ['0171/2345678', 'phone 0171/2345678'],
    ['01712345678', 'phone 01712345678'],
    ['(415) 555-2671', 'phone (415) 555-2671'],
    ['call 1-415-555-2671 now', 'phone 1-415-555-2671'],
    ['01 23 45 67 89', 'phone 01 23 45 67 89'],
    ['(11) 91234-5678', 'phone (11) 91234-5678'],
    ['5 0171 2345678', 'phone 0171 2345678'],
  ])('has the telephone number of %s', (text, value) => expect(found(text)).toEqual([value]));

  it.each([
    '2024-10-11 12:30',
    '01.02.2024 10:30',
    '05-06-2024 1030',
    '1700000000',
    '10.0.171.23456',
    '0.0301234567',
    'order_01712345678',
    '1 2 3 4 5 6 7 8 9',
    '+1 2',
    '3.14159265358979',
    '192.168.100.200',
  ])('has no telephone number in %s', (text) => expect(found(text)).toEqual([]));

  it('is found in its order and without overlaps, and only what is wanted', () => {
    const text = 'a@b.de, DE89 3704 0044 0532 0130 00, +49 30 1234567, 4111111111111111 and c@d.org';
    expect(found(text).map((one) => one.split(' ')[0])).toEqual(['email', 'iban', 'phone', 'card', 'email']);
    expect(findPersonalData(text, 0, new Set(['card']))).toMatchObject([{ kind: 'card' }]);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a@b.de+4930 1(2)-/') }), (some) => {
        const spans = findPersonalData(some, 0, all);
        spans.forEach(({ start, end }, at) => {
          expect(start).toBeGreaterThanOrEqual(spans[at - 1]?.end ?? 0);
          expect(end).toBeGreaterThan(start);
        });
      }),
    );
  });

  it.each(hostileTexts)('takes work that grows with the length alone: %s', (_what, text) => {
    const work = (length: number): number => lookedAt(text(length), (some) => findPersonalData(some, 0, all));
    const [once, twice] = [work(64 * 1024), work(128 * 1024)];
    expect(twice).toBeLessThan(2.1 * once);
    expect(once).toBeLessThan(100 * 64 * 1024);
  });
});
