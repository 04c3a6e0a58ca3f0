import { Counter, type Registry } from 'prom-client';

/**
 * A counter for the busy path: counting is one look-up in a map and an addition. Prometheus' own form is made when
 * somebody scrapes.
 */
export class Tally<L extends string> {
  private readonly counts = new Map<string, number>();

  constructor(registry: Registry, name: string, help: string, labelNames: readonly [L] | readonly [L, L]) {
    const { counts } = this;
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect() {
        this.reset();
        for (const [key, count] of counts) {
          const values = key.split(' ');
          this.inc(Object.fromEntries(labelNames.map((label, at) => [label, values[at] ?? ''])) as Record<L, string>, count);
        }
      },
    });
  }

  /** Labels are words without spaces: route ids, states, codes. */
  add(first: string, second?: string | number, amount = 1): void {
    const key = second === undefined ? first : `${first} ${second}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + amount);
  }

  /** What was counted under these labels so far. */
  count(first: string, second?: string | number): number {
    return this.counts.get(second === undefined ? first : `${first} ${second}`) ?? 0;
  }
}
