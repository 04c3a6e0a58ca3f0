import type { Spec } from './agent-draft.js';

export interface Difference {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

export interface Line {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** A field's name for people. */
export const labelOf = (field: string): string => field.charAt(0).toUpperCase() + field.slice(1).replaceAll('_', ' ');

/** A value of a spec for people. */
export function saidOf(value: unknown): string {
  if (value === undefined || value === null || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(saidOf).join(', ');
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value);
  if ('connection' in value && 'model' in value && entries.length === 2) return `${value.connection}/${value.model}`;
  return entries.length === 0 ? '–' : entries.map(([name, one]) => `${name}: ${saidOf(one)}`).join('\n');
}

/** The fields, other than the instructions, that two specs say differently. */
export function differences(before: Spec, after: Spec): Difference[] {
  const fields = Object.keys({ ...before, ...after }).filter((field) => field !== 'instructions');
  return fields
    .map((field) => ({ field, before: saidOf(before[field as keyof Spec]), after: saidOf(after[field as keyof Spec]) }))
    .filter((one) => one.before !== one.after);
}

/** So many pairs of lines are compared; where texts differ in more, the old lines stand before the new ones. */
const mostPairs = 1_000_000;

/** The lines of two texts: those that are in both, in the longest order that they share, and those of one alone. */
export function lineDifference(before: string, after: string): Line[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const same = (text: string): Line => ({ kind: 'same', text });
  return [
    ...a.slice(0, head).map(same),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

function middle(a: readonly string[], b: readonly string[]): Line[] {
  const gone = (text: string): Line => ({ kind: 'gone', text });
  const added = (text: string): Line => ({ kind: 'new', text });
  if (a.length * b.length > mostPairs) return [...a.map(gone), ...b.map(added)];
  // common[i][j]: how many lines the rests a[i…] and b[j…] share.
  const common: number[][] = [];
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row = new Array<number>(b.length).fill(0);
    for (let j = b.length - 1; j >= 0; j -= 1)
      row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), row[j + 1] ?? 0);
    common[i] = row;
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [mine, yours] = [a[i], b[j]];
    if (mine !== undefined && mine === yours) {
      lines.push({ kind: 'same', text: mine });
      [i, j] = [i + 1, j + 1];
    } else if (mine !== undefined && (yours === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(gone(mine));
      i += 1;
    } else {
      lines.push(added(yours ?? ''));
      j += 1;
    }
  }
  return lines;
}
