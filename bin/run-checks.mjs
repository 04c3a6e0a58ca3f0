#!/usr/bin/env node
/**
 * Runs the checks on what is built, two at a time, since each fills one core: types, lint, format, unused code, whether
 * runbooks promise no more than their keys can do, whether the generated pages are today's, and whether the description of the
 * API is valid. Says of each how it ended, and what it had to say when it failed; then ends with 1.
 * `npm run check` calls it, which puts the installed tools on the PATH.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const atOnce = 2;

/** The longest first. */
const waiting = [
  'eslint src console test prisma',
  'tsc --noEmit',
  'tsc --noEmit -p console',
  'prettier --check .',
  'knip --no-progress',
  'node bin/lint-runbooks.mjs',
  'node bin/write-docs.mjs && git diff --exit-code -- docs src/catalog/harbor && ! git ls-files --others --exclude-standard -- docs | grep .',
  'node bin/lint-openapi.mjs',
];

async function runNext() {
  for (let command = waiting.shift(); command !== undefined; command = waiting.shift()) {
    const { code, printed, seconds } = await run(command);
    process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'}: ${command} (${seconds} s)\n${code === 0 ? '' : printed}`);
    if (code !== 0) process.exitCode = 1;
  }
}

function run(command) {
  const from = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, { cwd: root, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text));
    child.once('close', (code) => resolve({ code, printed, seconds: Math.round((performance.now() - from) / 1000) }));
  });
}

await Promise.all(Array.from({ length: atOnce }, runNext));
