import { describe, expect, it } from '@jest/globals';
import { XmlReader } from '../xml-reader.js';
import { CellFormats, shownNumber } from './cell-formats.js';

describe('shownNumber', () => {
  it.each([
    ['0.1', 'number', '0.1'],
    ['0.30000000000000004', 'number', '0.3'],
    ['123456789012345', 'number', '123456789012345'],
    ['1E-3', 'number', '0.001'],
    ['#N/A', 'number', '#N/A'],
    ['0.125', 'percent', '12.5%'],
    ['0.07', 'percent', '7%'],
    ['1.5208333333333333', 'duration', '36:30'],
    ['0.0006944444444444445', 'duration', '0:01'],
    ['-1.000011574', 'duration', '-24:00:01'],
    ['45000', 'date', '2023-03-15'],
    ['45000.75', 'date', '2023-03-15 18:00'],
    ['45000.000011574', 'date', '2023-03-15 00:00:01'],
    ['0.5', 'date', '12:00'],
    ['1', 'date', '1900-01-01'],
    ['61', 'date', '1900-03-01'],
    ['-1', 'date', '-1'],
  ] as const)('shows %s as a %s as %s', (raw, format, shown) => {
    expect(shownNumber(raw, format, false)).toBe(shown);
  });

  it('counts from 1904 where the workbook does', () => {
    expect(shownNumber('43538', 'date', true)).toBe('2023-03-15');
  });
});

describe('CellFormats', () => {
  it('knows dates and shares by the built-in numbers and by the format itself', () => {
    const formats = new CellFormats();
    const own = ['dd/mm/yyyy', '[h]:mm', '0.0%', '#,##0.00 "days"', '[Red]0', 'General', '\\d0'];
    const numFmts = own.map(
      (code, index) => `<numFmt numFmtId="${200 + index}" formatCode="${code.replaceAll('"', '&quot;')}"/>`,
    );
    const styles = [0, 14, 9, 22, 46, ...own.map((_, index) => 200 + index)];
    const xml = `<styleSheet><numFmts>${numFmts.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${styles.map((id) => `<xf numFmtId="${id}"/>`).join('')}</cellXfs></styleSheet>`;
    new XmlReader(formats).write(xml);
    expect(styles.map((_, style) => formats.of(String(style)))).toEqual([
      'number',
      'date',
      'percent',
      'date',
      'duration',
      'date',
      'duration',
      'percent',
      'number',
      'number',
      'number',
      'number',
    ]);
    expect(formats.of(undefined)).toBe('number');
  });
});
