/** Where a piece of a document stands, as far as its format says: pages and slides count from 1. */
export interface SectionSource {
  readonly page?: number;
  readonly sheet?: string;
  readonly slide?: number;
  /** The headings above the text, outermost first, joined by ` > `. */
  readonly heading?: string;
}

/**
 * A piece of a document's text with its place. Line ends are `\n`; a document's text is its sections' texts joined by
 * nothing, so a text that continues in the next section simply stops.
 */
export interface Section {
  readonly text: string;
  readonly source: SectionSource;
}

/** Whether two sections stand at the same place. */
export function sameSource(a: SectionSource, b: SectionSource): boolean {
  return a.page === b.page && a.sheet === b.sheet && a.slide === b.slide && a.heading === b.heading;
}
