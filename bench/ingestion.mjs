import { setTimeout as pause } from 'node:timers/promises';
import { watchForeignLoad } from './foreign-load.mjs';
import { ingestionReport } from './ingestion-report.mjs';
import { cpuSeconds } from './proc.mjs';
import { makeWorkFolder } from './processes.mjs';
import { uploadFiles } from './uploads-load.mjs';
import { startBackend, untilEnded } from './uploads.mjs';

/** Children that have ended are counted by their parent a moment later. */
const settleMs = 500;

/**
 * Processor time that text files of 100 KB take from their upload until they are ready: the worker's with its children, and
 * Postgres's. The provider's is not in it. With another checkout, built beside this one, both in turn, and the ratio.
 * @returns `text`, the table, and `data`, the same with every sample.
 */
export async function ingestion({ options, tell }) {
  const work = makeWorkFolder();
  const { against, files, rounds } = options.ingestion;
  const all = [await startBackend(work, 'this', {})];
  if (against !== undefined) all.push(await startBackend(work, 'other', {}, { checkout: against }));
  const watch = watchForeignLoad(all);
  const samples = Object.fromEntries(all.map(({ name }) => [name, []]));
  for (let at = 0; at <= rounds; at += 1) {
    for (const backend of all) {
      tell(`ingestion: ${backend.name}, ${at === 0 ? 'warm-up' : `round ${at} of ${rounds}`}`);
      const sample = await processed(backend, at === 0 ? Math.min(16, files) : files, `round-${at}`);
      if (at > 0) samples[backend.name].push(sample);
    }
  }
  return ingestionReport({ options, samples, foreignLoad: watch() });
}

async function processed({ url, key, database, pids }, files, label) {
  const used = () => ({ worker: cpuSeconds([pids.worker]), postgres: cpuSeconds([pids.postgres]) });
  const before = used();
  const { bad } = await uploadFiles({ url, key, files, label });
  await untilEnded(database);
  await pause(settleMs);
  const after = used();
  return { bad, worker: (after.worker - before.worker) / files, postgres: (after.postgres - before.postgres) / files };
}
