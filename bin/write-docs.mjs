#!/usr/bin/env node
/** Writes the generated pages of docs/ from the built catalogue. `npm run docs` builds first. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generatedPages } from '../dist/docs-pages.js';

for (const [name, text] of Object.entries(generatedPages())) {
  writeFileSync(fileURLToPath(new URL(`../docs/${name}`, import.meta.url)), text);
  process.stdout.write(`docs/${name}\n`);
}
