import { ConfigError } from './config/load-config.js';
import { messageOf } from './up/message-of.js';
import { Platform, StoppedError } from './up/platform.js';
import { Steps } from './up/steps.js';
import { readUpSettings } from './up/up-settings.js';

/**
 * A terminal's Ctrl-C reaches this process, npm and the starter, and each of them passes it on: only a signal that
 * comes after this time is a second Ctrl-C.
 */
const sameSignalMs = 500;

const stop = new AbortController();
const hurry = new AbortController();
let stoppedAt = 0;

function onSignal(): void {
  if (!stop.signal.aborted) {
    stoppedAt = Date.now();
    stop.abort();
  } else if (Date.now() - stoppedAt > sameSignalMs) {
    hurry.abort();
  }
}

/** Runs the platform until it is told to end. @returns the exit code. */
async function run(): Promise<number> {
  const steps = new Steps(process.stdout);
  let exitCode = 0;
  const platform = new Platform(readUpSettings(process.env), steps, { stop: stop.signal, hurry: hurry.signal }, (reason) => {
    steps.line(reason);
    exitCode = 1;
    stop.abort();
  });
  try {
    await platform.start();
    if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
    steps.line('\nStopping: open requests are finished first. Ctrl-C again ends them.');
  } catch (error) {
    if (!(error instanceof StoppedError)) {
      exitCode = tell(error);
    }
  }
  await platform.stop();
  return exitCode;
}

/**
 * Says what went wrong and gives the exit code: 2 for settings, else 1. Known causes are told in their own words; anything
 * else is a fault of the program and comes with its place.
 */
function tell(error: unknown): number {
  const known = ['UpError', 'ConfigError', 'EmbeddedPostgresError', 'MigrationError', 'AdminCallError'];
  const text = error instanceof Error && !known.includes(error.name) ? (error.stack ?? error.message) : messageOf(error);
  process.stderr.write(`\n${text}\n`);
  return error instanceof ConfigError ? 2 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
// The starter (bin/up.mjs) was killed: nobody would see or stop this platform any more.
process.on('disconnect', onSignal);
// A closed terminal must not end the orderly stop.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

run().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => process.exit(tell(error)),
);
