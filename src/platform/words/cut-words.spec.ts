import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { cutWords } from './cut-words.js';

const wordsOf = (text: string): string[] => [...cutWords(text)].flatMap(({ words }) => words.map(({ folded }) => folded));

describe('cutWords', () => {
  it('gives tokens with their words, the whole of them, and words that only hyphens part as one', () => {
    expect([...cutWords('E-mail Größe')]).toEqual([
      {
        words: [
          { exact: 'e', folded: 'e' },
          { exact: 'mail', folded: 'mail' },
        ],
        compound: 'e-mail',
        joined: 'email',
      },
      { words: [{ exact: 'größe', folded: 'grosse' }], compound: undefined, joined: undefined },
    ]);
  });

  it('cuts a text of plain letters as it cuts the same beside others', () => {
    const part = fc.oneof(
      fc.constantFrom('Word', 'e-mail', 'a-\n  b', '1,234.50', 'x,y', 'a.b:c', "don't", '50%', 'C:\\d', '--', '\n', ' '),
      fc.string({ unit: 'grapheme-ascii', maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        expect([...cutWords(text)]).toEqual([...cutWords(`é . ${text}`)].slice(1));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps numbers together that commas and points part, and words apart that a comma parts', () => {
    expect([...cutWords('1.234,50 red,blue')].map(({ compound }) => compound)).toEqual(['1.234,50', undefined, undefined]);
  });

  it('folds accents and rare letters, but tells letters from each other that no accent makes', () => {
    expect(wordsOf('Éclair ŒUVRE Straße Łódź ёж мой σοφός ﬁn Ｗ')).toEqual([
      'eclair',
      'oeuvre',
      'strasse',
      'lodz',
      'еж',
      'мой',
      'σοφοσ',
      'fin',
      'w',
    ]);
    expect(wordsOf('が かき 각')).toEqual(['が', 'か', 'き', '각']);
  });

  it('gives no word that is empty', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const { words } of cutWords(text)) for (const { exact, folded } of words) expect(exact && folded).not.toBe('');
      }),
      { examples: [['\u02d8'], ['a \u00b4 b \u0301']] },
    );
  });

  it('cuts scripts without blanks into words, also where a space without width parts them', () => {
    expect(wordsOf('ห้อง\u200bประชุม ทำงาน')).toEqual(['ห้อง', 'ประชุม', 'ทำงาน']);
  });

  it('leaves out what is unseen, and joins nothing over blanks', () => {
    expect(wordsOf('Kün\u00addi\u200bgung « - » a - b')).toEqual(['kundigung', 'a', 'b']);
  });

  it('cuts long runs of anything in time that grows with them alone', () => {
    for (const run of ['a', 'ก', '字', 'a-', '1,', '-', "a'"])
      expect(wordsOf(run.repeat(200_000)).join('').length).toBeLessThan(400_001);
  });
});
