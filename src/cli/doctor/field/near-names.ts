/** Names that somebody may have meant, the nearest first: at most five, each not too far away. */
export function nearNames(asked: string, names: readonly string[]): string[] {
  const folded = fold(asked);
  return names
    .map((name) => ({ name, away: distance(folded, fold(name)), holds: holds(folded, fold(name)) }))
    .filter(({ away, holds: near }) => near || away <= Math.max(2, Math.floor(folded.length / 3)))
    .sort((one, other) => one.away - other.away || (one.name < other.name ? -1 : 1))
    .slice(0, 5)
    .map(({ name }) => name);
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[._/:-]+/g, '-');
}

function holds(one: string, other: string): boolean {
  return one.length >= 3 && other.length >= 3 && (one.includes(other) || other.includes(one));
}

/** How many letters must be put in, taken out or changed. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
