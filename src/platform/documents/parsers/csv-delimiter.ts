const delimiters = ['\t', ';', '|', ','];

/** The first line of a file may name the delimiter, as Excel writes it: `sep=;`. */
const named = /^"?sep=([^"\r\n])"?(?:\n|$)/i;

const judgedLength = 64 * 1024;
const judgedLines = 200;
/** The share of the lines in which a delimiter stands equally often, at least. */
const fewestLines = 0.3;

/** The delimiter of a table and its text without the line that names it. */
export function withDelimiter(text: string): { readonly delimiter: string; readonly table: string } {
  const name = named.exec(text);
  return name === null
    ? { delimiter: delimiterOf(text), table: text }
    : { delimiter: name[1] ?? ',', table: text.slice(name[0].length) };
}

/**
 * The delimiter that stands equally often, outside of quotes, in the most lines; of several, the one that stands more often. A comma
 * between digits alone is part of numbers.
 */
function delimiterOf(text: string): string {
  const head = text.slice(0, judgedLength);
  const whole = head.length < text.length ? head.slice(0, head.lastIndexOf('\n') + 1) || head : head;
  const lines = whole
    .replace(/(^|[,;\t|])[ ]*"(?:[^"]|"")*"/gm, '$1')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, judgedLines);
  const areDecimal = !lines.some((line) => /(?:^|\D),|,(?!\d)/.test(line));
  const candidates = delimiters
    .map((delimiter) => ({ delimiter, ...constancy(lines, delimiter) }))
    .sort((a, b) => b.share - a.share || b.count - a.count);
  const best = candidates.find(({ delimiter, share }) => !(delimiter === ',' && areDecimal) && share >= fewestLines);
  return best?.delimiter ?? ',';
}

/** The share of the lines that have the commonest count of a sign above none, and that count. */
function constancy(lines: readonly string[], sign: string): { readonly share: number; readonly count: number } {
  const counts = new Map<number, number>();
  for (const line of lines) {
    const count = line.split(sign).length - 1;
    if (count > 0) counts.set(count, (counts.get(count) ?? 0) + 1);
  }
  const [count = 0, times = 0] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  return { share: times / Math.max(1, lines.length), count };
}
