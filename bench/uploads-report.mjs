import { host } from './report.mjs';
import { median, pairedRatio, percentile, ratioRange } from './stats.mjs';
import { headLines, numberText, textTable } from './text-table.mjs';
import { fileBytes, uploadsAtOnce } from './uploads-load.mjs';

/**
 * Every figure of the uploads: `of` takes it from one round's sample; `against` is whom it is divided by, in the same
 * round: the bare receiver, or the product with the queue in Postgres.
 */
const figures = [
  { label: 'accepted, files/s', of: ({ perSecond }) => perSecond, against: 'bare' },
  { label: 'upload request p50, ms', of: ({ times }) => percentile(times, 0.5), against: 'bare' },
  { label: 'upload request p99, ms', of: ({ times }) => percentile(times, 0.99), against: 'bare' },
  { label: 'ready, files/s', of: ({ readyPerSecond }) => readyPerSecond, against: 'postgres' },
  { label: 'accepted to ready p50, s', of: ({ readySeconds }) => percentile(readySeconds ?? [], 0.5), against: 'postgres' },
  { label: 'accepted to ready p95, s', of: ({ readySeconds }) => percentile(readySeconds ?? [], 0.95), against: 'postgres' },
];

const contestants = ['postgres', 'redis', 'bare'];

/** The table and what it was made of. `samples[contestant]` is a list, one a round. */
export function uploadsReport({ options, samples, foreignLoad }) {
  const about = {
    ...host(),
    files: `${options.uploads.files} of ${fileBytes / 1024} KiB of text a round, ${uploadsAtOnce} at once`,
    rounds: options.uploads.rounds,
    foreignLoad,
  };
  const results = figures.map((figure) => resultOf(figure, samples));
  const notes = notesOf(samples);
  const accepted = acceptedOf(samples);
  const header = ['uploads', ...contestants, 'postgres ÷ bare', 'rounds', 'redis ÷', 'of', 'rounds'];
  const lines = textTable([header, ...results.map(row)]);
  const text = [
    ...headLines(about),
    '',
    ...acceptedLines(accepted),
    '',
    ...lines,
    ...(notes.length > 0 ? ['', ...notes] : []),
    '',
  ].join('\n');
  return { text, data: { about, accepted, figures: results, notes, samples: withoutTimes(samples) } };
}

/** How many files are accepted while the worker stands still, and by a receiver that loses none. */
function acceptedOf(samples) {
  const [product, receiver] = ['paused', 'sure'].map((name) => (samples[name] ?? []).map(({ perSecond }) => perSecond));
  const ratio = { value: pairedRatio(product, receiver), range: ratioRange(product, receiver) };
  return { product: median(product), receiver: median(receiver), ratio };
}

function acceptedLines({ product, receiver, ratio }) {
  return [
    'accepted while the worker stands still, files/s',
    `  product ${numberText(product)}; a receiver that hashes, fsyncs, renames and commits one row ${numberText(receiver)}`,
    `  product ÷ receiver ${numberText(ratio.value, 2)} (target 0.5), rounds ${rangeText(ratio)}`,
  ];
}

function resultOf({ label, of, against }, samples) {
  const values = (name) => (samples[name] ?? []).map((sample) => of(sample) ?? NaN);
  const ratio = (name) => ({
    value: pairedRatio(values(name), values(against)),
    range: ratioRange(values(name), values(against)),
  });
  return {
    label,
    against,
    ...Object.fromEntries(contestants.map((name) => [name, median(values(name))])),
    postgresRatio: against === 'bare' ? ratio('postgres') : null,
    redisRatio: ratio('redis'),
  };
}

function row({ label, against, postgres, redis, bare, postgresRatio, redisRatio }) {
  return [
    label,
    numberText(postgres),
    numberText(redis),
    numberText(bare),
    postgresRatio === null ? '' : numberText(postgresRatio.value, 2),
    rangeText(postgresRatio),
    numberText(redisRatio.value, 2),
    against,
    rangeText(redisRatio),
  ];
}

function rangeText(ratio) {
  return ratio?.range ? ratio.range.map((value) => value.toFixed(2)).join('–') : '';
}

function notesOf(samples) {
  return contestants.flatMap((name) => {
    const list = samples[name];
    if (list === undefined) return [`${name}: left out, since no redis-server is installed`];
    const bad = list.reduce((sum, sample) => sum + sample.bad, 0);
    const statuses = [...new Set(list.flatMap((sample) => Object.keys(sample.statuses)))].join(', ');
    return bad === 0 ? [] : [`${name}: ${bad} files were refused or failed; statuses seen: ${statuses}`];
  });
}

/** What every single request took would be most of the output. */
function withoutTimes(samples) {
  const rest = ({ times: _times, readySeconds: _readySeconds, ...sample }) => sample;
  return Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, list.map(rest)]));
}
