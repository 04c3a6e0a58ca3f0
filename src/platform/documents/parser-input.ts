import type { ParseLimits } from './parse-limits.js';

/** `ask`: whether there are pages without text. Else the file of each language's data, by the language's name. */
export type Recognition = 'ask' | Readonly<Record<string, string>>;

/** What every parser is given. */
export interface ParserInput {
  /** The document on the local disk. */
  readonly path: string;
  readonly limits: ParseLimits;
  /** Reads the hidden sheets of a workbook, too. */
  readonly hiddenSheets: boolean;
  /** What becomes of pages of a PDF that have no text: nothing, a failure that tells of them, or recognition in these languages. */
  readonly recognition: Recognition | undefined;
  /** Called while the parser gets on without coming further in the document. */
  readonly onAlive: () => void;
  /** Called with 0 to 100 as the parser gets on. */
  readonly onProgress: (percent: number) => void;
}
