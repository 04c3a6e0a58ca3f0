import type { Metric, Registry } from 'prom-client';

/** Upper bounds of the buckets, in seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] as const;

interface Series {
  readonly buckets: Float64Array;
  sum: number;
  count: number;
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** A Prometheus histogram by route whose recording costs a look-up and two additions. */
export class LatencyHistogram {
  readonly name: string;
  readonly aggregator = 'sum';
  readonly type = 'histogram';
  private readonly series = new Map<string, Series>();

  constructor(
    registry: Registry,
    name: string,
    readonly help: string,
  ) {
    this.name = name;
    registry.registerMetric(this as unknown as Metric);
  }

  observe(route: string, seconds: number): void {
    let series = this.series.get(route);
    if (series === undefined) this.series.set(route, (series = { buckets: new Float64Array(bounds.length), sum: 0, count: 0 }));
    let at = 0;
    while (at < bounds.length && seconds > (bounds[at] ?? 0)) at += 1;
    if (at < bounds.length) series.buckets[at] = (series.buckets[at] ?? 0) + 1;
    series.sum += seconds;
    series.count += 1;
  }

  /** For the registry: what it prints. */
  get(): { name: string; help: string; type: string; aggregator: string; values: Sample[] } {
    const values = [...this.series].flatMap(([route, series]) => this.samples(route, series));
    return { name: this.name, help: this.help, type: this.type, aggregator: this.aggregator, values };
  }

  /** For the registry: forgets what was recorded. */
  reset(): void {
    this.series.clear();
  }

  private samples(route: string, { buckets, sum, count }: Series): Sample[] {
    let below = 0;
    const samples = bounds.map((bound, at): Sample => {
      below += buckets[at] ?? 0;
      return { metricName: `${this.name}_bucket`, labels: { le: bound, route }, value: below };
    });
    samples.push({ metricName: `${this.name}_bucket`, labels: { le: '+Inf', route }, value: count });
    samples.push({ metricName: `${this.name}_sum`, labels: { route }, value: sum });
    samples.push({ metricName: `${this.name}_count`, labels: { route }, value: count });
    return samples;
  }
}
