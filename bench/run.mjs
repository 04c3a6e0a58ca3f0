import { readOptions, usage as help } from './options.mjs';
import { isStopping, stopAll, stopStarted } from './processes.mjs';

/*
 * `npm run bench`: the built product side by side with a reference, in one run, as ratios. A missed target is a word in the
 * table, never an exit code; the exit code is 1 only when there was nothing to measure. See docs/benchmarks.md.
 */
const tell = (text) => process.stderr.write(`bench: ${text}\n`);

/** Each gives its `text` and its `data`; loaded when it is asked for. */
const sections = {
  batches: async (given) => (await import('./batches.mjs')).batches(given),
  ingestion: async (given) => (await import('./ingestion.mjs')).ingestion(given),
  limits: async (given) => (await import('./limits.mjs')).limits(given),
  pauses: async (given) => (await import('./pauses.mjs')).pauses(given),
  'request-log': async (given) => (await import('./request-log.mjs')).requestLog(given),
  revocation: async (given) => (await import('./revocation.mjs')).revocation(given),
  search: async (given) => (await import('./search.mjs')).search(given),
  traces: async (given) => (await import('./traces.mjs')).traces(given),
  translated: async (given) => (await import('./translated.mjs')).translated(given),
  uploads: async (given) => (await import('./uploads.mjs')).uploads(given),
  usage: async (given) => (await import('./usage.mjs')).usage(given),
};

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return void process.stdout.write(`${help}\n`);
  const print = (text) => void (options.json || process.stdout.write(text));
  let all = {};
  if (options.relay) {
    const { relay } = await import('./relay.mjs');
    const { text, data } = await relay({ options, tell });
    print(text);
    all = data;
  }
  for (const [name, section] of Object.entries(sections)) {
    if (!options.only.includes(name)) continue;
    await stopStarted();
    const { text, data } = await section({ options, tell });
    print(`\n${text}`);
    all[name] = data;
  }
  if (options.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
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
