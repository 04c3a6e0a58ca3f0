import type { XmlAttributes, XmlHandlers } from '../xml-reader.js';

/** How a number in a cell is meant. */
export type CellFormat = 'number' | 'date' | 'percent' | 'duration';

const msOfDay = 86_400_000;
/** Days from the spreadsheets' zero (30 December 1899) to 1 January 1970. */
const daysTo1970 = 25_569;
const daysTo1904 = 1_462;

/** Collects from `styles.xml` what each of the cells' style numbers means. */
export class CellFormats implements XmlHandlers {
  private readonly codes = new Map<string, string>();
  private readonly formats: CellFormat[] = [];
  private isInCells = false;

  open(name: string, attributes: XmlAttributes): void {
    if (name === 'cellXfs') this.isInCells = true;
    if (name === 'numFmt') this.codes.set(attributes['numFmtId'] ?? '', attributes['formatCode'] ?? '');
    if (name === 'xf' && this.isInCells) this.formats.push(this.formatOf(attributes['numFmtId'] ?? '0'));
  }

  close(name: string): void {
    if (name === 'cellXfs') this.isInCells = false;
  }

  /** The format of a cell's style number. */
  of(style: string | undefined): CellFormat {
    return this.formats[Number(style ?? 0)] ?? 'number';
  }

  private formatOf(id: string): CellFormat {
    const number = Number(id);
    const code = this.codes.get(id);
    if (code === undefined) {
      if (number === 46) return 'duration';
      if (
        (number >= 14 && number <= 22) ||
        (number >= 27 && number <= 36) ||
        (number >= 45 && number <= 47) ||
        (number >= 50 && number <= 58)
      )
        return 'date';
      return number === 9 || number === 10 ? 'percent' : 'number';
    }
    // What stands in quotes or brackets, or behind a backslash, is shown as it is; `[h]` counts hours.
    const bare = code.replace(/"[^"]*"|\\.|_.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '');
    if (/\[(h+|m+|s+)\]/i.test(bare)) return 'duration';
    if (/[ymdhs]/i.test(bare) && !/general/i.test(bare)) return 'date';
    return bare.includes('%') ? 'percent' : 'number';
  }
}

/**
 * A cell's number as a person reads it: dates as `2026-11-20 14:30`, a duration as `36:30`, a share as `12.5%`, no
 * noise in the last digits.
 */
export function shownNumber(raw: string, format: CellFormat, is1904: boolean): string {
  const number = Number(raw);
  if (raw.trim() === '' || !Number.isFinite(number)) return raw;
  if (format === 'percent') return `${Number((number * 100).toPrecision(15))}%`;
  if (format === 'duration') return shownDuration(number);
  if (format === 'date') return shownDate(number, is1904) ?? raw;
  // Excel keeps 15 digits; what a double adds behind them is noise.
  return /^-?\d{1,15}$/.test(raw) ? raw : String(Number(number.toPrecision(15)));
}

/** Hours and minutes, and seconds where there are some; the hours go past a day. */
function shownDuration(days: number): string {
  const seconds = Math.round(Math.abs(days) * 86_400);
  const two = (count: number): string => String(count).padStart(2, '0');
  const time = `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}`;
  return `${days < 0 ? '-' : ''}${time}${seconds % 60 === 0 ? '' : `:${two(seconds % 60)}`}`;
}

function shownDate(serial: number, is1904: boolean): string | undefined {
  if (serial < 0 || serial > 2_958_466) return undefined;
  // Excel believes in a 29 February 1900.
  const days = is1904 ? serial + daysTo1904 : serial < 60 && serial >= 1 ? serial + 1 : serial;
  const iso = new Date(Math.round(((days - daysTo1970) * msOfDay) / 1_000) * 1_000).toISOString();
  const time = iso.slice(11, 19).replace(/:00$/, '');
  if (serial < 1 && !is1904) return time;
  return time === '00:00' ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${time}`;
}
