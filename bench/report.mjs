import { cpus, totalmem } from 'node:os';

/** Where the figures come from: they mean little without it. */
export function machine({ upstream, generator, options, cores, contestants }) {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    node: process.version,
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
  const header = ['figure', 'product', 'bare', 'nginx', 'ratio', 'rounds', 'target', ''];
  const rows = [header, ...results.map(row)];
  const widths = header.map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  const head = Object.entries(about).map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : value}`);
  return [...head, '', ...lines, ...(notes.length > 0 ? ['', ...notes] : []), ''].join('\n');
}

function row(result) {
  const unit = result.unit === '' ? '' : `, ${result.unit}`;
  const ratio = result.kind === 'ratio' ? number(result.judged, 2) : '';
  const range = result.range ? result.range.map((value) => value.toFixed(2)).join('–') : '';
  return [
    result.label + unit,
    ...['product', 'bare', 'nginx'].map((name) => number(result[name])),
    ratio,
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

function number(value, digits) {
  if (value === null || value === undefined || Number.isNaN(value)) return '—';
  return value.toFixed(digits ?? (Number.isInteger(value) || Math.abs(value) >= 1_000 ? 0 : Math.abs(value) >= 100 ? 1 : 2));
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
