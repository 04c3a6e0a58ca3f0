import { microsPerUnit } from '../contracts/price-amounts.js';

const mostDecimals = Math.log10(microsPerUnit);

/** An amount of money on a terminal: in units of its currency, which stands beside it, so that nobody takes 43 micro-units for 43 dollars. */
export class Money {
  constructor(private readonly micros: number) {}

  /** How many decimals it needs: two, or up to six where there are parts of a hundredth. */
  get decimals(): number {
    return Math.max(2, this.fraction().replace(/0+$/, '').length);
  }

  /** @param decimals at least as many as it needs. */
  text(decimals = this.decimals): string {
    const whole = Math.floor(Math.abs(this.micros) / microsPerUnit);
    return `${this.micros < 0 ? '-' : ''}${whole}.${this.fraction().slice(0, decimals)}`;
  }

  private fraction(): string {
    return String(Math.abs(this.micros) % microsPerUnit).padStart(mostDecimals, '0');
  }
}

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
