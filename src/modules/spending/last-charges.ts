const mostNames = 10_000;

/** With each call that took less, what is expected of the next one comes down by so much. */
const fade = 0.9;

/**
 * What calls of each published name were charged lately, at most: for what is not sold by tokens, of which nobody knows before
 * how much a call takes. It lives in the process, which forgets the name that was asked for longest ago when it knows too many.
 */
export class LastCharges {
  private readonly highest = new Map<string, number>();

  /** @param name of the tenant and what it called. @returns 0 where nothing is known. */
  of(name: string): number {
    return Math.ceil(this.highest.get(name) ?? 0);
  }

  learn(name: string, charge: number): void {
    const before = (this.highest.get(name) ?? 0) * fade;
    this.highest.delete(name);
    this.highest.set(name, Math.max(charge, before));
    if (this.highest.size <= mostNames) return;
    const [oldest] = this.highest.keys();
    if (oldest !== undefined) this.highest.delete(oldest);
  }
}
