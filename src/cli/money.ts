import { Money } from '../contracts/money.js';

/** An object as it is shown: its amounts in units, where it has a currency; without one they are tokens. */
export function inUnits(
  object: Readonly<Record<string, unknown>>,
  fields: readonly string[],
  currency = object['currency'],
): Record<string, unknown> {
  if (typeof currency !== 'string') return { ...object };
  const shown = ([name, value]: [string, unknown]): [string, unknown] =>
    fields.includes(name) && typeof value === 'number' ? [name, new Money(value)] : [name, value];
  return Object.fromEntries(Object.entries(object).map(shown));
}
