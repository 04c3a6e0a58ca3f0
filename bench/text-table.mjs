/**
 * Rows of texts as lines, the columns one below another, a rule below the first row: the first column to the left, the
 * others to the right.
 */
export function textTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return lines;
}

/** A head of names and values, one to a line. */
export function headLines(about) {
  return Object.entries(about).map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : value}`);
}

/** A number with as many digits as say something; `digits` fixes how many. `—` for what could not be measured. */
export function numberText(value, digits) {
  if (value === null || value === undefined || Number.isNaN(value)) return '—';
  return value.toFixed(digits ?? (Number.isInteger(value) || Math.abs(value) >= 1_000 ? 0 : Math.abs(value) >= 100 ? 1 : 2));
}
