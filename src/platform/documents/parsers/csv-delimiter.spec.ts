import { describe, expect, it } from '@jest/globals';
import { withDelimiter } from './csv-delimiter.js';

describe('withDelimiter', () => {
  it.each([
    ['No;Item;Price\n1;Bolt, zinc, 4x40, round;1,50\n2;Plug, grey, 8 mm, nylon;0,20\n', ';'],
    ['1,5;2,5\n3,5;4,5\n', ';'],
    ['Name,Note\nAda,"one; two; three"\nBob,"four; five"\n', ','],
    ['Name,Note\nAda,one; two; three\nBob,four; five\n', ','],
    ['Name\tTown\nAda\tOslo, Norway\nBob\tRome, Italy\n', '\t'],
    ['a|b|c\n1|2|3\n', '|'],
    ['Prices, all of them\n\nItem;Price\nBolt;2\nNut;3\n', ';'],
    ['1,2,3\n4,5,6\n', ','],
    ['one\ntwo\n', ','],
  ])('chooses what stands equally often in the lines: %j', (text, delimiter) => {
    expect(withDelimiter(text)).toEqual({ delimiter, table: text });
  });

  it('follows the line that names the delimiter', () => {
    expect(withDelimiter('sep=|\na|b;c;d\n')).toEqual({ delimiter: '|', table: 'a|b;c;d\n' });
  });
});
