import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { routeIds, routeRow } from '../../src/catalog/routes.js';
import { generatedPages } from '../../src/docs-pages.js';

describe('generated pages', () => {
  it.each(Object.entries(generatedPages()))('docs/%s is what the tables give; `npm run docs` writes it', (name, text) => {
    expect(readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8')).toBe(text);
  });
});

describe('README.md', () => {
  it('names exactly the groups that have routes which are not built', () => {
    const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
    const section = readme.slice(readme.indexOf('## What is not built yet')).split('\n## ')[0] ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, group]) => group));
    const groups = new Set(routeIds.map(routeRow).flatMap((row) => (row.later === true ? [row.group] : [])));
    expect(named.sort()).toEqual([...groups].sort());
  });
});
