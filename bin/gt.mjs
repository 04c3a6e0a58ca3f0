#!/usr/bin/env node
// The command line of the platform. A committed file and not a built one: npm links it before anything is built.
import { requireNode } from './node-version.mjs';

requireNode();

const { existsSync } = await import('node:fs');
const built = new URL('../dist/cli/gt.js', import.meta.url);

if (existsSync(built)) {
  await import(built.href);
} else {
  console.error(
    'gt is not built yet. Run "npm run up" for the whole platform, or "npm ci && npm run build" for the command alone.',
  );
  process.exitCode = 1;
}
