/** The line with which a generated page begins, below its title. */
export const generated = '<!-- Generated from the catalogue by `npm run docs`; a test compares. Do not edit. -->';

/** A table in Markdown. @param rows made by `cells`. */
export function table(head: readonly string[], rows: readonly string[]): string[] {
  return [cells(head), cells(head.map(() => '---')), ...rows];
}

/** One row of a table. */
export function cells(values: readonly string[]): string {
  return `| ${values.map((value) => value.replaceAll('|', '\\|')).join(' | ')} |`;
}
