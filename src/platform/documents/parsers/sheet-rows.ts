import type { XmlAttributes, XmlHandlers } from '../xml-reader.js';
import { shownNumber, type CellFormats } from './cell-formats.js';
import type { MergedCells } from './merged-cells.js';
import { cellPlace } from './sheet-address.js';

/** What the sheets of one workbook share. */
export interface Workbook {
  readonly texts: readonly string[];
  readonly formats: CellFormats;
  /** Days count from 1904, as on old Macs. */
  readonly is1904: boolean;
}

/** The format has no more columns. */
const maxColumns = 16_384;

/** Collects the cells of a worksheet's XML and gives each row away when it ends. */
export class SheetRows implements XmlHandlers {
  private row: string[] = [];
  private rowNumber = -1;
  private column = 0;
  private type = '';
  private style: string | undefined;
  private value = '';
  private formula: string | undefined;
  private part: 'value' | 'formula' | undefined;
  private isGuide = false;

  constructor(
    private readonly workbook: Workbook,
    private readonly merged: MergedCells,
    private readonly onRow: (row: string[]) => void,
  ) {}

  open(name: string, attributes: XmlAttributes): void {
    if (name === 'row') this.beginRow(attributes);
    else if (name === 'c') this.beginCell(attributes);
    else if (name === 'rPh') this.isGuide = true;
    else if (name === 'v' || name === 't') this.part = 'value';
    else if (name === 'f') {
      this.part = 'formula';
      this.formula = '';
    }
  }

  text(text: string): void {
    if (this.part === 'value' && !this.isGuide) this.value += text;
    else if (this.part === 'formula') this.formula += text;
  }

  close(name: string): void {
    if (name === 'row') this.endRow();
    else if (name === 'c') this.endCell();
    else if (name === 'rPh') this.isGuide = false;
    else if (name === 'v' || name === 't' || name === 'f') this.part = undefined;
  }

  private beginRow(attributes: XmlAttributes): void {
    this.row = [];
    const number = Number(attributes['r']);
    this.rowNumber = Number.isInteger(number) && number > 0 ? number - 1 : this.rowNumber + 1;
  }

  private endRow(): void {
    this.merged.fill(this.rowNumber, this.row);
    this.onRow(this.row);
  }

  private beginCell(attributes: XmlAttributes): void {
    this.column = cellPlace(attributes['r'])?.column ?? this.row.length;
    this.type = attributes['t'] ?? 'n';
    this.style = attributes['s'];
    this.value = '';
    this.formula = undefined;
  }

  private endCell(): void {
    if (this.column >= maxColumns || (this.value === '' && this.formula === undefined)) return;
    while (this.row.length < this.column) this.row.push('');
    this.row[this.column] = this.shown();
  }

  private shown(): string {
    const { texts, formats, is1904 } = this.workbook;
    // Programs that make spreadsheets without calculating leave the value out.
    if (this.value === '') return this.type === 'n' ? `=${this.formula ?? ''} (not calculated)` : '';
    if (this.type === 's') return texts[Number(this.value)] ?? '';
    if (this.type === 'b') return this.value === '1' ? 'TRUE' : 'FALSE';
    if (this.type !== 'n') return unescaped(this.value);
    return shownNumber(this.value, formats.of(this.style), is1904);
  }
}

/** Spreadsheets write characters that XML has not as `_x000D_`. */
export function unescaped(text: string): string {
  return text.replace(/_x([0-9a-f]{4})_/gi, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
