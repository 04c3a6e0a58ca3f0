import { host } from './report.mjs';
import { median, pairedRatio, ratioRange } from './stats.mjs';
import { headLines, numberText, textTable } from './text-table.mjs';
import { fileBytes, uploadsAtOnce } from './uploads-load.mjs';

const parts = [
  { label: 'worker and its children, ms a file', of: ({ worker }) => worker * 1_000 },
  { label: 'Postgres, ms a file', of: ({ postgres }) => postgres * 1_000 },
  { label: 'together, ms a file', of: ({ worker, postgres }) => (worker + postgres) * 1_000 },
];

/** The table and what it was made of. `samples[checkout]` is a list, one a round. */
export function ingestionReport({ options, samples, foreignLoad }) {
  const { files, rounds } = options.ingestion;
  const about = {
    ...host(),
    files: `${files} of ${fileBytes / 1024} KiB of text a round, ${uploadsAtOnce} uploads at once`,
    rounds,
    foreignLoad,
  };
  const results = parts.map(({ label, of }) => {
    const [these, others] = ['this', 'other'].map((name) => (samples[name] ?? []).map(of));
    const ratio = { value: pairedRatio(these, others), range: ratioRange(these, others) };
    return { label, this: median(these), other: median(others), ratio };
  });
  const rows = results.map(({ label, this: own, other, ratio }) => [
    label,
    numberText(own),
    numberText(other),
    numberText(ratio.value, 2),
    ratio.range ? ratio.range.map((value) => value.toFixed(2)).join('–') : '',
  ]);
  const bad = Object.entries(samples).flatMap(([name, list]) => {
    const count = list.reduce((sum, sample) => sum + sample.bad, 0);
    return count === 0 ? [] : [`${name}: ${count} files were refused`];
  });
  const lines = textTable([['processor time', 'this', 'other', 'this ÷ other', 'rounds'], ...rows]);
  return { text: [...headLines(about), '', ...lines, ...bad, ''].join('\n'), data: { about, figures: results, samples } };
}
