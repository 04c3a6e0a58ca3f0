import { cpus, totalmem } from 'node:os';
import { headLines, numberText, textTable } from './text-table.mjs';

/** What the figures were taken on: they mean little without it. */
export function host() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
  };
}

/** The same with who took part in what way. */
export function machine({ upstream, generator, options, cores, contestants }) {
  return {
    ...host(),
    pinning:
      cores === null
        ? 'none'
        : `relay on core ${cores.relay}, load and upstream on core ${cores.load}, database and worker on core ${cores.rest}`,
    upstream: upstream.kind,
    load: generator.kind,
    rounds: options.rounds,
    secondsPerMeasurement: options.seconds,
    contestants: contestants.map((contestant) => contestant.name),
  };
}

/** The figures as a table of text, the machine above it and the notes below. */
export function table({ about, results, notes }) {
  const header = ['figure', 'product', 'bare', 'nginx', 'judged', 'rounds', 'target', ''];
  const lines = textTable([header, ...results.map(row)]);
  return [...headLines(about), '', ...lines, ...(notes.length > 0 ? ['', ...notes] : []), ''].join('\n');
}

function row(result) {
  const unit = result.unit === '' ? '' : `, ${result.unit}`;
  const judged = result.kind === 'ratio' || result.kind === 'more' ? numberText(result.judged, 2) : '';
  const range = result.range ? result.range.map((value) => value.toFixed(2)).join('–') : '';
  return [
    result.label + unit,
    ...['product', 'bare', 'nginx'].map((name) => numberText(result[name])),
    judged,
    range,
    target(result),
    result.word,
  ];
}

function target(result) {
  const of = result.kind === 'ratio' ? ` of ${result.against}` : '';
  if (result.atLeast !== undefined) return `≥ ${result.atLeast}${of}`;
  return result.atMost === undefined ? '' : `≤ ${result.atMost}${of}`;
}

/** One line for every contestant and phase whose replies were not what was asked for. */
export function badReplies(samples) {
  const notes = [];
  for (const [phase, byContestant] of Object.entries(samples)) {
    for (const [name, list] of Object.entries(byContestant)) {
      const bad = list.reduce((sum, sample) => sum + (sample.bad ?? 0), 0);
      const statuses = new Set(list.flatMap((sample) => Object.keys(sample.statuses ?? {})));
      if (bad > 0)
        notes.push(`${phase}: ${bad} replies of ${name} were not as asked; statuses seen: ${[...statuses].join(', ')}`);
    }
  }
  return notes;
}

/** How the product's refusals split between 401 and 429, so that a rate of 429 is not taken for one of 401. */
export function refusals(samples) {
  return ['refused', 'flood'].flatMap((phase) => {
    const list = samples[phase]?.product ?? [];
    if (list.length === 0) return [];
    const sums = {};
    for (const sample of list)
      for (const [status, count] of Object.entries(sample.statuses)) sums[status] = (sums[status] ?? 0) + count;
    return [
      `${phase}: the product answered ${Object.entries(sums)
        .map(([status, count]) => `${status} × ${count}`)
        .join(', ')}`,
    ];
  });
}
