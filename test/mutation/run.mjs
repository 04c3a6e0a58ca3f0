#!/usr/bin/env node
/**
 * Changes the pure modules one place at a time and runs the unit tests on each change: `npm run test:mutation`. Ends with 1
 * where fewer than four of five changes were noticed. Words select modules by a part of their path: `-- limits cost`.
 * Stryker is installed once.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { modules } from './modules.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

const words = process.argv.slice(2);
const chosen = modules.filter((module) => words.length === 0 || words.some((word) => module.includes(word)));
if (chosen.length === 0) {
  process.stderr.write(`No module has ${words.join(' or ')} in its path.\n`);
  process.exit(1);
}
const missing = chosen.filter((module) => !existsSync(`${root}${module}`));
if (missing.length > 0) {
  process.stderr.write(`Not there any more: ${missing.join(', ')}. Mend the list in test/mutation/modules.mjs.\n`);
  process.exit(1);
}
if (!existsSync(`${here}node_modules/.package-lock.json`)) run('npm', ['ci', '--no-audit', '--no-fund'], here);
const stryker = `${here}node_modules/@stryker-mutator/core/bin/stryker.js`;
run(process.execPath, ['--no-warnings', stryker, 'run', `${here}stryker.config.mjs`, '--mutate', chosen.join(',')], root);

/** Runs it to its end, and ends as it does when it fails. */
function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
