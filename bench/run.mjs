import { startBare } from './contestants/bare.mjs';
import { direct } from './contestants/direct.mjs';
import { startNginx } from './contestants/nginx.mjs';
import { startProductContestant } from './contestants/product.mjs';
import { judge } from './figures.mjs';
import { makeGenerator } from './load.mjs';
import { runPhase } from './measure.mjs';
import { idleMemory, memoryOverRepeats } from './memory.mjs';
import { readOptions, usage } from './options.mjs';
import { phases } from './phases.mjs';
import { cores, isStopping, makeWorkFolder, stopAll } from './processes.mjs';
import { watchForeignLoad } from './foreign-load.mjs';
import { badReplies, machine, refusals, table } from './report.mjs';
import { startUpstream } from './upstream.mjs';

/*
 * `npm run bench`: the built product against a bare relay and nginx, in one run, as ratios. A missed target is a word in the
 * table, never an exit code; the exit code is 1 only when there was nothing to measure. See docs/benchmarks.md.
 */
const tell = (text) => process.stderr.write(`bench: ${text}\n`);

async function startContestants({ upstream, work, options }) {
  const first = options.self
    ? await startBare({ upstream, name: 'product', processes: 1 })
    : await startProductContestant({ upstream, work });
  const bare = await startBare({ upstream });
  const nginx = await startNginx({ upstream, work });
  if (nginx === null) tell('nginx is not installed: its column stays empty');
  return [first, bare, nginx].filter((contestant) => contestant !== null);
}

async function measureAll({ options, upstream, generator, contestants }) {
  const samples = {};
  const idle = options.only.includes('memory') ? await idleMemory(contestants) : null;
  for (const phase of phases.filter(({ id }) => options.only.includes(id))) {
    if (phase.needsGenerator && !generator.exact) {
      tell(`${phase.id}: left out, it needs a C compiler for bench/load.c`);
      continue;
    }
    tell(`${phase.id}: ${phase.title}`);
    samples[phase.id] = await runPhase({ phase, contestants, direct: direct({ upstream }), generator, options, tell });
  }
  if (idle !== null) samples.memory = memorySamples(idle, await memoryOverRepeats({ contestants, generator, options, tell }));
  return samples;
}

function memorySamples(idle, repeats) {
  const sampleOf = ([name, { megabytes, growth }]) => [
    name,
    [{ idle: idle[name], growth, loaded: megabytes.at(-1) ?? null, megabytes }],
  ];
  return Object.fromEntries(Object.entries(repeats).map(sampleOf));
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return void process.stdout.write(`${usage}\n`);
  const work = makeWorkFolder();
  const upstream = await startUpstream({ work, port: Number(process.env['GT_BENCH_UPSTREAM_PORT'] ?? 0) });
  const generator = await makeGenerator({ work, upstream });
  const contestants = await startContestants({ upstream, work, options });
  const about = machine({ upstream, generator, options, cores, contestants });
  const watch = watchForeignLoad(contestants);
  const samples = await measureAll({ options, upstream, generator, contestants });
  about.foreignLoad = watch();
  const results = judge(samples);
  const notes = [
    ...(options.self ? ['--self: "product" is a second bare relay'] : []),
    ...refusals(samples),
    ...badReplies(samples),
  ];
  process.stdout.write(
    options.json ? `${JSON.stringify({ about, figures: results, notes, samples }, null, 2)}\n` : table({ about, results, notes }),
  );
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    tell(`${signal}: stopping everything that was started`);
    void stopAll().then(() => process.exit(130));
  });
}

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  if (!isStopping()) tell(error instanceof Error ? error.message : String(error));
} finally {
  await stopAll();
}
