/** What one document may cost inside its parser. */
export interface ParseLimits {
  /** Entries of a packed document (DOCX, PPTX, XLSX are ZIP archives). */
  readonly maxEntries: number;
  /** All entries together, unpacked, in bytes; also the size of a text file. */
  readonly maxUncompressedBytes: number;
  /** Unpacked size over packed size of one entry; it counts once the entry is larger than `ratioFromBytes`. */
  readonly maxRatio: number;
  readonly ratioFromBytes: number;
  /** Characters (UTF-16 units) of text that one document may give. */
  readonly maxTextLength: number;
}

/** Limits that real documents stay far below: a spreadsheet's XML packs 10 to 60 times smaller, a bomb 1,000 times. */
export const defaultParseLimits: ParseLimits = {
  maxEntries: 10_000,
  maxUncompressedBytes: 512 * 1024 * 1024,
  maxRatio: 250,
  ratioFromBytes: 8 * 1024 * 1024,
  maxTextLength: 64 * 1024 * 1024,
};
