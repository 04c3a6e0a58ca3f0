#!/usr/bin/env node
/**
 * Runs the tests on what is built, under one hard time limit: a run that hangs on a broken database ends too.
 * Arguments go to jest; GT_TEST_SOAK=1 runs the fault tests in full. The real clients are installed once, and only when
 * their tests are among the selected ones.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const clients = fileURLToPath(new URL('../test/clients/', import.meta.url));
const limitMinutes = process.env.GT_TEST_SOAK === '1' ? 75 : 40;

const jestArguments = [
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  '--config',
  'test/jest.config.mjs',
  ...process.argv.slice(2),
];

if (!existsSync(`${clients}node_modules/.package-lock.json`) && selectsClients()) {
  process.stdout.write('Installing the real clients (test/clients) ...\n');
  const installed = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: clients,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (installed.status !== 0) process.exit(installed.status ?? 1);
}

function selectsClients() {
  const listed = spawnSync(process.execPath, [...jestArguments, '--listTests'], { cwd: root, encoding: 'utf8' });
  return listed.status !== 0 || listed.stdout.split('\n').some((file) => file.startsWith(clients));
}

const jest = spawn(process.execPath, jestArguments, { cwd: root, stdio: 'inherit' });
const limit = setTimeout(() => {
  process.stderr.write(`The tests did not end within ${limitMinutes} minutes; they are stopped.\n`);
  jest.kill('SIGTERM');
  setTimeout(() => jest.kill('SIGKILL'), 5_000).unref();
}, limitMinutes * 60_000);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill(signal));
jest.on('exit', (code) => {
  clearTimeout(limit);
  process.exit(code ?? 1);
});
