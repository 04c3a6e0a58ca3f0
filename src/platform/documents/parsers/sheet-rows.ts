import { attribute, type XmlHandlers } from '../xml-reader.js';
import { shownNumber, type CellFormats } from './cell-formats.js';

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
  private column = 0;
  private type = '';
  private style: string | undefined;
  private value = '';
  private isValue = false;
  private isGuide = false;

  constructor(
    private readonly workbook: Workbook,
    private readonly onRow: (row: string[]) => void,
  ) {}

  open(name: string, attributes: string): void {
    if (name === 'row') this.row = [];
    else if (name === 'c') this.beginCell(attributes);
    else if (name === 'rPh') this.isGuide = true;
    else if (name === 'v' || name === 't') this.isValue = true;
  }

  text(text: string): void {
    if (this.isValue && !this.isGuide) this.value += text;
  }

  close(name: string): void {
    if (name === 'row') this.onRow(this.row);
    else if (name === 'c') this.endCell();
    else if (name === 'rPh') this.isGuide = false;
    else if (name === 'v' || name === 't') this.isValue = false;
  }

  private beginCell(attributes: string): void {
    this.column = columnOf(attribute(attributes, 'r')) ?? this.row.length;
    this.type = attribute(attributes, 't') ?? 'n';
    this.style = attribute(attributes, 's');
    this.value = '';
  }

  private endCell(): void {
    if (this.column >= maxColumns || this.value === '') return;
    while (this.row.length < this.column) this.row.push('');
    this.row[this.column] = this.shown();
  }

  private shown(): string {
    const { texts, formats, is1904 } = this.workbook;
    if (this.type === 's') return texts[Number(this.value)] ?? '';
    if (this.type === 'b') return this.value === '1' ? 'TRUE' : 'FALSE';
    if (this.type !== 'n') return this.value;
    return shownNumber(this.value, formats.of(this.style), is1904);
  }
}

/** The column of an address such as `AB12`, from 0. */
function columnOf(address: string | undefined): number | undefined {
  const letters = /^[A-Z]{1,4}/i.exec(address ?? '')?.[0].toUpperCase();
  if (letters === undefined) return undefined;
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
