import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Metrics } from '../../src/observability/metrics.js';
import { startApp, type TestApp } from '../support/app.js';

const folder = new URL('../../docs/operating/', import.meta.url);
const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(textOf('grafana-dashboard.json')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly type: string; readonly query: string }[] };
};
const rules = parse(textOf('alert-rules.yaml')) as {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
};

const queries: readonly (readonly [string, string])[] = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [`panel ${title}`, expr] as const)),
  ...dashboard.templating.list.flatMap(({ type, query }) => (type === 'query' ? [['variable', query] as const] : [])),
  ...rules.groups.flatMap((group) => group.rules.map(({ alert, expr }) => [`alert ${alert}`, expr] as const)),
];

/** Labels that Prometheus itself puts on what it scrapes, and those of histograms. */
const given = new Set(['job', 'instance', 'le']);

describe('the dashboard and the alert rules of the operating guide', () => {
  let app: TestApp;
  let exposed: ReadonlySet<string>;
  /** `name label` */
  let labels: ReadonlySet<string>;

  beforeAll(async () => {
    app = await startApp({ settings: { GT_METRICS_TOKEN: 'a-token-for-metrics' } });
    await fetch(`${app.baseUrl}/models`);
    const scraped = await fetch(`${app.url}/metrics`, { headers: { authorization: 'Bearer a-token-for-metrics' } });
    const text = await scraped.text();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    exposed = new Set(
      types.flatMap(([, name = '', type]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    );
    // What has counted nothing yet shows no labels: its own say which there will be.
    const metrics = app.running.app.get(Metrics, { strict: false }).registry.getMetricsAsArray();
    const declared = metrics.flatMap((metric) =>
      ((metric as { labelNames?: string[] }).labelNames ?? []).map((label) => [metric.name, label] as const),
    );
    const shown = [...text.matchAll(/^(\w+)\{(.*?)\} /gm)].flatMap(([, name = '', inner = '']) =>
      [...inner.matchAll(/(\w+)="/g)].map(([, label = '']) => [name, label] as const),
    );
    labels = new Set([...declared, ...shown].map((pair) => pair.join(' ')));
  });
  afterAll(() => app.close());

  it.each(queries)('%s asks for metrics and labels that there are: %s', (_where, query) => {
    const names = [...query.matchAll(/\b(?:gt|process|nodejs)_\w+/g)].map(([name]) => name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(exposed).toContain(name);
    const matched = [...query.matchAll(/\{([^}]*)\}/g)].flatMap(([, inner = '']) => [
      ...inner.matchAll(/(\w+)\s*(?:=~|=|!=|!~)/g),
    ]);
    const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, inner = '']) => inner.split(/,\s*/));
    for (const label of [...matched.map(([, label = '']) => label), ...grouped])
      if (!given.has(label)) for (const name of names) expect(labels).toContain(`${name} ${label}`);
  });

  it('every panel is there once, and every alert has its own name', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const names = rules.groups.flatMap((group) => group.rules.map(({ alert }) => alert));
    expect(new Set(names).size).toBe(names.length);
  });
});
