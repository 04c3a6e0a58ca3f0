import { microsPerUnit } from './price-amounts.js';

const mostDecimals = Math.log10(microsPerUnit);

/** An amount of money as people read it: in units of its currency, which stands beside it, so that nobody takes 43 micro-units for 43 dollars. */
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
