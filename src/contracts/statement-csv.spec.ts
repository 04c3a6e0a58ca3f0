import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { statementCsv } from './statement-csv.js';
import type { StatementLine } from './statements.js';

const line: StatementLine = {
  ...{
    key: 'key_1',
    key_name: 'laptop',
    endpoint: 'assistant',
    connection: 'main',
    model: 'big',
    currency: 'USD',
    calls: 2,
    cost: 7,
    charge: 9,
  },
};

/** The cells of CSV, as RFC 4180 reads them. */
function read(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

describe('a statement as CSV', () => {
  it('has a heading, a line for each line, and nothing where there is none', () => {
    const unpriced = { ...line, connection: null, model: null, currency: null, cost: null, charge: null };
    expect(statementCsv([line, unpriced])).toBe(
      'key,key_name,endpoint,connection,model,currency,calls,cost,charge\r\n' +
        'key_1,laptop,assistant,main,big,USD,2,7,9\r\n' +
        'key_1,laptop,assistant,,,,2,,\r\n',
    );
  });

  it('is read back as it was, whatever names hold, and no cell is a formula', () => {
    const anyName = fc
      .tuple(fc.constantFrom('', '=', '+', '-', '@', '\t', '\r', '"', ',', '\n'), fc.string())
      .map((two) => two.join(''));
    fc.assert(
      fc.property(fc.array(fc.record({ key_name: anyName, endpoint: anyName, model: anyName }), { maxLength: 5 }), (names) => {
        const [, ...rows] = read(statementCsv(names.map((some) => ({ ...line, ...some }))));
        expect(rows).toHaveLength(names.length);
        for (const [at, row] of rows.entries()) {
          for (const cell of row) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
          const plain = (cell = ''): string => cell.replace(/^'(?=[=+\-@\t\r])/, '');
          const { key_name: key, endpoint, model } = names[at] ?? {};
          expect([row[1], row[2], row[4]].map(plain)).toEqual([key, endpoint, model].map(plain));
        }
      }),
    );
  });
});
