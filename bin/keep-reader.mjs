#!/usr/bin/env node
/** Puts the script of the page at /docs beside the built product, which then runs without the package that ships it. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../dist/reader/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const file of ['openapi-explorer/dist/browser/openapi-explorer.min.js', 'openapi-explorer/LICENSE'])
  copyFileSync(createRequire(import.meta.url).resolve(file), folder + basename(file));
