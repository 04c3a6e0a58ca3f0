#!/usr/bin/env node
/** Writes the generated pages of docs/ and modules of src/ from the built catalogue. `npm run docs` builds first. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generatedModules, generatedPages } from '../dist/docs-pages.js';

const files = {
  ...Object.fromEntries(Object.entries(generatedPages()).map(([name, text]) => [`docs/${name}`, text])),
  ...Object.fromEntries(Object.entries(generatedModules()).map(([name, text]) => [`src/${name}`, text])),
};
for (const [name, text] of Object.entries(files)) {
  writeFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), text);
  process.stdout.write(`${name}\n`);
}
