import { startBare } from './contestants/bare.mjs';
import { direct } from './contestants/direct.mjs';
import { startNginx } from './contestants/nginx.mjs';
import { startProductContestant } from './contestants/product.mjs';
import { judge } from './figures.mjs';
import { watchForeignLoad } from './foreign-load.mjs';
import { makeGenerator } from './load.mjs';
import { runPhase } from './measure.mjs';
import { idleMemory, memoryOverRepeats } from './memory.mjs';
import { phases } from './phases.mjs';
import { cores, makeWorkFolder } from './processes.mjs';
import { badReplies, machine, refusals, table } from './report.mjs';
import { startUpstream } from './upstream.mjs';

/**
 * The product as a relay against a bare one and nginx, in the phases of `options.only`.
 * @returns `text`, the table, and `data`, the same with every single sample.
 */
export async function relay({ options, tell }) {
  const work = makeWorkFolder();
  const upstream = await startUpstream({ work, port: Number(process.env['GT_BENCH_UPSTREAM_PORT'] ?? 0) });
  const generator = await makeGenerator({ work, upstream });
  const contestants = await startContestants({ upstream, work, options, tell });
  const about = machine({ upstream, generator, options, cores, contestants });
  const watch = watchForeignLoad(contestants);
  const samples = await measureAll({ options, upstream, generator, contestants, tell });
  about.foreignLoad = watch();
  const results = judge(samples);
  const notes = [
    ...(options.self ? ['--self: "product" is a second bare relay'] : []),
    ...refusals(samples),
    ...badReplies(samples),
  ];
  return { text: table({ about, results, notes }), data: { about, figures: results, notes, samples } };
}

async function startContestants({ upstream, work, options, tell }) {
  const first = options.self
    ? await startBare({ upstream, work, name: 'product', processes: 1 })
    : await startProductContestant({ upstream, work });
  const bare = await startBare({ upstream, work });
  const nginx = await startNginx({ upstream, work });
  if (nginx === null) tell('nginx is not installed: its column stays empty');
  return [first, bare, nginx].filter((contestant) => contestant !== null);
}

async function measureAll({ options, upstream, generator, contestants, tell }) {
  const samples = {};
  const idle = options.only.includes('memory') ? await idleMemory(contestants, tell) : null;
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
    [{ started: idle.started[name], idle: idle.idle[name], growth, loaded: megabytes.at(-1) ?? null, megabytes }],
  ];
  return Object.fromEntries(Object.entries(repeats).map(sampleOf));
}
