import { existsSync, writeFileSync } from 'node:fs';
import { verifiedModule } from '../catalog/runbooks/evidence.js';
import type { RunbookVerification } from '../contracts/runbook-verifications.js';
import { usageError } from './cli-error.js';

/** Where the product's own runs are kept, in its source tree. */
const file = 'src/catalog/runbooks/verified.ts';

/** @throws CliError outside the source tree. */
export function checkRecordFile(): void {
  if (!existsSync(file)) throw usageError(`--record writes ${file}: run it in the source tree of the GT API.`);
}

/** Keeps the runs that passed, as of today; a run that did not leaves what was kept. @returns what was done, in a sentence. */
export function recordRuns(done: readonly RunbookVerification[]): string {
  const date = new Date().toISOString().slice(0, 10);
  const passed = done.filter(({ outcome }) => outcome === 'pass');
  const runs = passed.map(({ runbook, sha256, way }) => ({ slug: runbook, date, sha256, way }));
  writeFileSync(file, verifiedModule(runs));
  return `${file} has ${runs.length} runs of ${date}. Build, and write the pages anew: npm run docs.`;
}
