/** A word as the text of a `tsvector` or `tsquery` has it, whatever signs are in it. */
export function quoteLexeme(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
