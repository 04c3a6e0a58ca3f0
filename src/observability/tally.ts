import { Counter, type Registry } from 'prom-client';

/**
 * A counter for the busy path: counting is one look-up in a map and an addition. Prometheus' own form is made when
 * somebody scrapes.
 */
export class Tally<L extends string> {
  /** By the first label, then by the second; without one by the empty text. */
  private readonly counts = new Map<string, Map<string | number, number>>();

  constructor(registry: Registry, name: string, help: string, labelNames: readonly [L] | readonly [L, L]) {
    const { counts } = this;
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect() {
        this.reset();
        for (const [first, bySecond] of counts) {
          for (const [second, count] of bySecond) {
            const values = [first, String(second)];
            this.inc(Object.fromEntries(labelNames.map((label, at) => [label, values[at] ?? ''])) as Record<L, string>, count);
          }
        }
      },
    });
  }

  /** Labels are few: route ids, states, codes. */
  add(first: string, second: string | number = '', amount = 1): void {
    let bySecond = this.counts.get(first);
    if (bySecond === undefined) this.counts.set(first, (bySecond = new Map()));
    bySecond.set(second, (bySecond.get(second) ?? 0) + amount);
  }

  /** What was counted under these labels so far. */
  count(first: string, second: string | number = ''): number {
    return this.counts.get(first)?.get(second) ?? 0;
  }
}
