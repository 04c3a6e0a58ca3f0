import type { MergedArea } from './merged-cells.js';

/** Row and column of an address such as `AB12`, from 0; a missing row is 0. Undefined when there are no letters. */
export function cellPlace(address: string | undefined): { readonly row: number; readonly column: number } | undefined {
  const [, letters, digits = '1'] = /^\$?([A-Z]{1,4})\$?(\d{1,9})?/i.exec(address ?? '') ?? [];
  if (letters === undefined) return undefined;
  const column = [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  return { row: Number(digits) - 1, column };
}

/** The area of a range such as `A2:C4`; undefined for one cell and for what is no range. */
export function areaOf(range: string): MergedArea | undefined {
  const [from, to] = range.split(':').map(cellPlace);
  if (from === undefined || to === undefined) return undefined;
  return { top: from.row, left: from.column, bottom: to.row, right: to.column };
}
