import { describe, expect, it } from '@jest/globals';
import { readWordQuery } from './word-query.js';

const all = (question: string): string => readWordQuery(question).all;

describe('readWordQuery', () => {
  it('asks for all words, words in a row, words that shall not be there, and one group or another', () => {
    expect(all('Red pump')).toBe("'red' & 'pump'");
    expect(all('"red pump" -blue')).toBe("('red' <-> 'pump') & !'blue'");
    expect(all('red pump or valve')).toBe("'red' & 'pump' | 'valve'");
    expect(all('or red or or -blue')).toBe("'red'");
  });

  it('asks for the words of a token in a row, and for them as one where hyphens part them', () => {
    expect(all('report.pdf')).toBe("('report' <-> 'pdf')");
    expect(all('e-mail')).toBe("(('e' <-> 'mail') | 'email')");
  });

  it('asks for nothing where nothing can be found', () => {
    for (const question of ['', '-red', '" "', '- & | !', 'or']) expect(all(question)).toBe('');
  });

  it('knows what ranks first, and the words one by one', () => {
    const { exact, words } = readWordQuery('Größe ACME-4711');
    expect(exact).toEqual(["'größe':A", "'acme-4711':A", "'acme':A", "'4711':A"]);
    expect(words.map(({ text }) => text)).toEqual(['größe', 'acme 4711', 'acme', '4711']);
  });

  it('quotes every sign', () => {
    expect(all("it's a\\b")).toBe("('it' <-> 's') & ('a' <-> 'b')");
    expect(readWordQuery("it's").exact[0]).toBe("'it''s':A");
  });
});
