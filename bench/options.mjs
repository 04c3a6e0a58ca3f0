import { parseArgs } from 'node:util';
import { phases } from './phases.mjs';

const phaseNames = [...phases.map((phase) => phase.id), 'memory'];

/** What `npm run bench -- --help` prints. */
export const usage = `npm run bench -- [options]

  --quick          1 s a measurement, 3 rounds: a look, not a result
  --only <names>   some of: ${phaseNames.join(', ')}
  --rounds <n>     rounds of every phase (6; quick 3)
  --seconds <n>    length of one measurement (2; quick 1)
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
  json: { type: 'boolean', default: false },
  self: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

function numberWithin(text, name, lowest, highest) {
  const number = Number(text);
  if (!(number >= lowest && number <= highest)) throw new Error(`--${name} must be a number from ${lowest} to ${highest}`);
  return number;
}

/** The command line as settings; throws an Error with a message for the user on an unknown flag, phase or number. */
export function readOptions(argv) {
  const { values } = parseArgs({ args: argv, options: flags });
  const only = values.only === undefined ? phaseNames : values.only.split(',').map((name) => name.trim());
  for (const name of only)
    if (!phaseNames.includes(name)) throw new Error(`--only knows ${phaseNames.join(', ')}; not "${name}"`);
  const quick = values.quick;
  return {
    quick,
    only,
    json: values.json,
    self: values.self,
    help: values.help,
    rounds: Math.round(numberWithin(values.rounds ?? (quick ? 3 : 6), 'rounds', 1, 50)),
    seconds: numberWithin(values.seconds ?? (quick ? 1 : 2), 'seconds', 0.2, 60),
    warmUpSeconds: quick ? 0.7 : 1.5,
    settleMs: quick ? 1_000 : 2_000,
    memoryRepeats: quick ? 4 : 10,
  };
}
