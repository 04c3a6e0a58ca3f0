import { describe, expect, it } from '@jest/globals';
import { measurePattern } from './linear-pattern.js';

const usable = { size: expect.any(Number) };

describe('a linear pattern', () => {
  it.each([
    'EMP-\\d{6}',
    '\\b[A-Z]{2}\\d{6}\\b',
    '(?i)case #?\\d{4,8}',
    '(?:K|L)-(\\d+)',
    '(?m)^ID: .+$',
    '\\Q{5}\\E',
    '\\pL\\pN{3}',
    'a|bc',
    '\\w{100}',
  ])('is %s', (pattern) => expect(measurePattern(pattern)).toEqual(usable));

  it.each([
    ['a look ahead', '(?=a)b'],
    ['a look behind', '(?<=a)b'],
    ['a negative look behind', '(?<!a)b'],
    ['a reference back', '(a)\\1'],
    ['an open class', '[a'],
    ['an open group', '(a'],
    ['a group that closes another', 'a)|(b'],
    ['a repeated repetition', 'a**'],
    ['an atomic group', '(?>a)'],
  ])('is none with %s', (_what, pattern) => {
    expect(measurePattern(pattern)).toEqual({ fault: expect.stringMatching(/^(invalid|missing|unexpected)/) });
  });

  it.each([
    'a*',
    '',
    'a|',
    '\\b',
    '\\B',
    '^',
    '$',
    '(?m)^',
    '(?m)$',
    '\\A',
    '\\z',
    'a|\\b',
    '\\w|\\b',
    '(?:a?){3}',
    '^\\b|x',
    '[^x]|$',
  ])('is none that can match an empty text: %j', (pattern) =>
    expect(measurePattern(pattern)).toEqual({ fault: 'it can match an empty text' }),
  );

  it.each([
    'a{257}',
    '\\pL{100}',
    '\\pL{1000}',
    `(?:${'a'.repeat(490)}){1000}`,
    '((a{10}){10}){10}',
    '(abc)\\Q\\E{1000}',
    'a'.repeat(512),
    '(?:(?:[a-z]{30}){30}x)',
  ])('is none that is too large: %.30s', (pattern) => {
    expect(measurePattern(pattern)).toEqual({ fault: expect.stringContaining('too large') });
  });

  it('has few Unicode classes', () => {
    expect(measurePattern('\\pL'.repeat(9))).toEqual({ fault: 'it has too many Unicode classes' });
  });
});
