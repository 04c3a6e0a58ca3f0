#!/usr/bin/env node
// One command from a fresh clone to a running platform. Plain Node without dependencies: it runs before they are there.
import { requireNode } from './node-version.mjs';

requireNode();

const { spawn } = await import('node:child_process');
const { join, resolve } = await import('node:path');
const { fileURLToPath } = await import('node:url');
const { buildWhenNeeded, installWhenNeeded } = await import('./prepare.mjs');
const { signalExitCode } = await import('./run-step.mjs');

const root = fileURLToPath(new URL('..', import.meta.url));
const dataDir = process.env.GT_DATA_DIR ? resolve(process.env.GT_DATA_DIR) : join(root, '.gt');

await installWhenNeeded(root, join(dataDir, 'logs', 'install.log'));
await buildWhenNeeded(root, join(dataDir, 'logs', 'build.log'));

// The channel tells `up` when this process is gone without a word.
const up = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist', 'up.js')], {
  env: { ...process.env, GT_DATA_DIR: dataDir },
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => up.kill(signal));
// npm passes a signal to its shell, and the shell dies of it without passing it on.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    up.kill('SIGTERM');
  }, 200);
}
up.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
up.once('exit', (code, signal) => process.exit(code ?? signalExitCode(signal)));
