import type { PersonalDataKind } from '../../../contracts/prompt-policy.js';
import type { FoundPattern, DataPattern } from './pattern-finder.js';
import type { FoundData } from './personal-data.js';
import type { TextSpan } from './readable-text.js';

/** What a value is: personal data, or a match of a tenant's pattern. */
export type ValueKind = PersonalDataKind | DataPattern;

/** A value at its place in a text. */
export interface FoundValue extends TextSpan {
  /** All that it is: what was found where it stands. The first is that which begins first, and of these the longest. */
  readonly kinds: readonly ValueKind[];
}

/** What was found, in its order: what overlaps is one value. */
export function foundValues(data: readonly FoundData[], matches: readonly FoundPattern[]): readonly FoundValue[] {
  const own = data.map(({ kind, start, end }): FoundValue => ({ kinds: [kind], start, end }));
  if (matches.length === 0) return own;
  const all = [...own, ...matches.map(({ pattern, start, end }): FoundValue => ({ kinds: [pattern], start, end }))];
  all.sort((one, other) => one.start - other.start || other.end - one.end);
  const values: FoundValue[] = [];
  for (const one of all) {
    const last = values.at(-1);
    if (last === undefined || one.start >= last.end) values.push(one);
    else values[values.length - 1] = { ...last, kinds: [...last.kinds, ...one.kinds], end: Math.max(last.end, one.end) };
  }
  return values;
}
