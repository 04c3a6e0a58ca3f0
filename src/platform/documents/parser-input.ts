import type { ParseLimits } from './parse-limits.js';

/** What every parser is given. */
export interface ParserInput {
  /** The document on the local disk. */
  readonly path: string;
  readonly limits: ParseLimits;
  /** Reads the hidden sheets of a workbook, too. */
  readonly hiddenSheets: boolean;
  /** Called with 0 to 100 as the parser gets on. */
  readonly onProgress: (percent: number) => void;
}
