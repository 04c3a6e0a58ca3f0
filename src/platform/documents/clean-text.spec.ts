import { describe, expect, it } from '@jest/globals';
import { cleanText, joinHyphenated } from './clean-text.js';

describe('cleanText', () => {
  it('leaves nothing unseen inside words', () => {
    expect(cleanText('Ver\u00adtrags\u200bstrafe, agree\u2060ment, wrap\u00ad\n  ped, \ufeffmark')).toBe(
      'Vertragsstrafe, agreement, wrapped, mark',
    );
  });

  it('keeps what joins letters and emoji, and the spaces without width that part Thai words', () => {
    const text = 'می\u200cخواهم 👩\u200d👩\u200d👧 ห้อง\u200bประชุม';
    expect(cleanText(text)).toBe(text);
  });

  it('drops control characters and the colours of a terminal', () => {
    expect(cleanText('a\0b\u0001 \u001b[1;31mred\u001b[0m\r\nnext')).toBe('ab red\nnext');
  });
});

describe('joinHyphenated', () => {
  it('makes words whole that are parted at the end of a line', () => {
    expect(joinHyphenated('the adminis-\ntration and an em-\n  ployee')).toBe('the administration and an employee');
  });

  it('leaves hyphens that belong there', () => {
    for (const text of ['Vor-\nund Nachteile', 'pre-\nor postpaid', 'ACME-\n4711', '- one\n- two', 'Baden-\nBaden', 'a -\nb'])
      expect(joinHyphenated(text)).toBe(text);
  });
});
