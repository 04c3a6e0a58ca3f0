import { parseArgs } from 'node:util';
import { phases } from './phases.mjs';

/** What is measured of a relay; all of it stands in one table. */
const relayNames = [...phases.map((phase) => phase.id), 'memory'];
/** Parts with a table of their own, each after the ones before have been stopped. */
const sectionNames = [
  'batches',
  'ingestion',
  'limits',
  'pauses',
  'request-log',
  'revocation',
  'search',
  'traces',
  'translated',
  'uploads',
  'usage',
];
const names = [...relayNames, ...sectionNames];

/** What `npm run bench -- --help` prints. */
export const usage = `npm run bench -- [options]

  --quick          1 s a measurement, 3 rounds: a look, not a result
  --only <names>   some of: ${names.join(', ')}
  --rounds <n>     rounds of every phase (6; quick 3)
  --seconds <n>    length of one measurement (2; quick 1)
  --chunks <n,…>   search: sizes of the dataset (10000,50000; quick 30000)
  --dimensions <n,…>  search: lengths of the vectors (256,1536; quick 256)
  --large <n>      search: rows whose signs are made in memory (1000000; quick 200000)
  --inputs <word>  pauses: only inputs whose names hold this
  --files <n>      ingestion, uploads: files of one round on each backend (60; quick 30)
  --file-rounds <n>   ingestion, uploads: rounds (3; quick 1)
  --against <folder>  ingestion, traces: another checkout, built, measured in turn with this one
  --lines <n>      batches: lines of a batch (20000; quick 4000)
  --batch-rounds <n>  batches: rounds (3; quick 1)
  --calls <n>      usage: calls of the year (10000000)
  --rows <n>       request-log: rows of the month (1000000; quick 200000)
  --json           one JSON object instead of the table
  --self           a second bare relay in the product's place: shows how far a ratio of two equals strays from 1
  --help

A running product instead of one that is started: GT_BENCH_BASE_URL, GT_BENCH_KEY, GT_BENCH_PIDS, GT_BENCH_UPSTREAM_PORT
(see docs/benchmarks.md).`;

const flags = {
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  chunks: { type: 'string' },
  dimensions: { type: 'string' },
  large: { type: 'string' },
  inputs: { type: 'string' },
  files: { type: 'string' },
  'file-rounds': { type: 'string' },
  lines: { type: 'string' },
  'batch-rounds': { type: 'string' },
  calls: { type: 'string' },
  rows: { type: 'string' },
  against: { type: 'string' },
  json: { type: 'boolean', default: false },
  self: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

function numberWithin(text, name, lowest, highest) {
  const number = Number(text);
  if (!(number >= lowest && number <= highest)) throw new Error(`--${name} must be a number from ${lowest} to ${highest}`);
  return number;
}

function numbersWithin(text, name, lowest, highest) {
  return text.split(',').map((part) => Math.round(numberWithin(part, name, lowest, highest)));
}

function namesOf(text, self) {
  if (text === undefined) return self ? relayNames : names;
  const only = text.split(',').map((name) => name.trim());
  for (const name of only) if (!names.includes(name)) throw new Error(`--only knows ${names.join(', ')}; not "${name}"`);
  return only;
}

/** The command line as settings; throws an Error with a message for the user on an unknown flag, phase or number. */
export function readOptions(argv) {
  const { values } = parseArgs({ args: argv, options: flags });
  const only = namesOf(values.only, values.self);
  const quick = values.quick;
  const files = Math.round(numberWithin(values.files ?? (quick ? 30 : 60), 'files', 8, 10_000));
  const fileRounds = Math.round(numberWithin(values['file-rounds'] ?? (quick ? 1 : 3), 'file-rounds', 1, 50));
  return {
    quick,
    only,
    /** False when only parts with a table of their own are asked for. */
    relay: only.some((name) => relayNames.includes(name)),
    json: values.json,
    self: values.self,
    help: values.help,
    rounds: Math.round(numberWithin(values.rounds ?? (quick ? 3 : 6), 'rounds', 1, 50)),
    seconds: numberWithin(values.seconds ?? (quick ? 1 : 2), 'seconds', 0.2, 60),
    warmUpSeconds: quick ? 0.7 : 1.5,
    settleMs: quick ? 1_000 : 2_000,
    memoryRepeats: quick ? 4 : 10,
    pauses: { inputs: values.inputs ?? '' },
    search: {
      chunks: numbersWithin(values.chunks ?? (quick ? '30000' : '10000,50000'), 'chunks', 100, 1_000_000),
      dimensions: numbersWithin(values.dimensions ?? (quick ? '256' : '256,1536'), 'dimensions', 2, 8_192),
      large: Math.round(numberWithin(values.large ?? (quick ? 200_000 : 1_000_000), 'large', 100, 2_000_000)),
      searches: quick ? 50 : 200,
      questions: quick ? 10 : 20,
    },
    batches: {
      lines: Math.round(numberWithin(values.lines ?? (quick ? 4_000 : 20_000), 'lines', 100, 50_000)),
      rounds: Math.round(numberWithin(values['batch-rounds'] ?? (quick ? 1 : 3), 'batch-rounds', 1, 50)),
    },
    // So many uploads are mostly compiling: only then the programs run as they go on running.
    uploads: { files, rounds: fileRounds, warmUp: quick ? 60 : 400 },
    ingestion: { files, rounds: fileRounds, against: values.against },
    traces: { against: values.against },
    requestLog: {
      rows: Math.round(numberWithin(values.rows ?? (quick ? 200_000 : 1_000_000), 'rows', 1_000, 100_000_000)),
      reads: quick ? 5 : 20,
    },
    usage: {
      calls: Math.round(numberWithin(values.calls ?? 10_000_000, 'calls', 1, 1_000_000_000)),
      reads: quick ? 5 : 20,
    },
  };
}
