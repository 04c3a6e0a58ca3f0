/** One value in one line of a terminal. Times in Unix seconds come out as dates, and nothing can steer the terminal. */
export function cellText(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (typeof value === 'number' && name.endsWith('_at')) return new Date(value * 1000).toISOString().replace('.000Z', 'Z');
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map((item) => cellText('', item)).join(', ');
  if (typeof value === 'object') return printable(JSON.stringify(value));
  return printable(String(value));
}

/** Rows under their headings, columns aligned, numbers to the right; each line ends with a line break. */
export function table(columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  const cells = rows.map((row) => columns.map((name) => cellText(name, row[name])));
  const lines = [columns.map((name) => name.replaceAll('_', ' ').toUpperCase()), ...cells];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const isNumeric = columns.map(
    (name) => rows.length > 0 && !name.endsWith('_at') && rows.every((row) => typeof row[name] === 'number'),
  );
  const pad = (text: string, at: number): string =>
    isNumeric[at] === true ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
  return lines.map((line) => `${line.map(pad).join('  ').trimEnd()}\n`).join('');
}

/** One object, a line for each field. */
export function fieldLines(object: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(object).filter((name) => name !== 'object');
  const width = Math.max(0, ...names.map((name) => name.length));
  return names.map((name) => `${name.padEnd(width)}  ${cellText(name, object[name])}\n`).join('');
}

/** Text with every control character replaced: names come from others. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}
