import { evidenceHash, type Evidence } from './evidence-hash.js';
import type { RunbookRow } from './runbook-row.js';
import { verified } from './verified.js';

/** What a page says of how the product's compatibility is known. */
export function evidenceText(row: RunbookRow, runs: readonly Evidence[] = verified): string {
  const run = runs.find(({ slug }) => slug === row.slug);
  if (run === undefined) return documented(row);
  const client = run.way === 'package' ? 'with the real client' : 'with a client made from this data';
  const way = run.ofTenant === true ? `by this tenant, ${client}` : client;
  return run.sha256 === evidenceHash(row)
    ? `verified ${run.date}, ${run.sha256.slice(0, 12)} (${way})`
    : `stale: verified ${run.date}, ${run.sha256.slice(0, 12)}, and what it names has changed since; ${documented(row)}`;
}

function documented({ evidence }: RunbookRow): string {
  const basis = {
    high: "vendor's documentation and source",
    medium: "vendor's documentation",
    low: 'not checked against the vendor',
  };
  return `documented compatibility (${basis[evidence.confidence]})`;
}

/** The module that keeps the runs: those given, and of the other products what was kept. */
export function verifiedModule(runs: readonly Evidence[], kept: readonly Evidence[] = verified): string {
  const known = new Map([...kept, ...runs].map((run) => [run.slug, run]));
  const all = [...known.values()].sort((one, other) => (one.slug < other.slug ? -1 : 1));
  return [
    "import type { Evidence } from './evidence-hash.js';",
    '',
    "/** The product's own runs. Written by `gt runbook verify --all --record`; do not edit. */",
    'export const verified: readonly Evidence[] = [',
    ...all.flatMap(({ slug, date, sha256, way }) => [
      '  {',
      `    slug: '${slug}',`,
      `    date: '${date}',`,
      `    sha256: '${sha256}',`,
      `    way: '${way}',`,
      '  },',
    ]),
    '];',
    '',
  ].join('\n');
}
