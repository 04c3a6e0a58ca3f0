import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generatedModules, generatedPages } from '../../src/docs-pages.js';

describe('generated pages', () => {
  it.each(Object.entries(generatedPages()))('docs/%s is what the tables give; `npm run docs` writes it', (name, text) => {
    expect(readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8')).toBe(text);
  });

  it('are all that docs/runbooks has: a product that is gone leaves no page', () => {
    const pages = Object.keys(generatedPages()).filter((name) => name.startsWith('runbooks/'));
    expect(readdirSync(fileURLToPath(new URL('../../docs/runbooks', import.meta.url))).sort()).toEqual(
      pages.map((name) => name.slice('runbooks/'.length)).sort(),
    );
  });
});

describe('generated modules', () => {
  it.each(Object.entries(generatedModules()))('src/%s is what the tables give; `npm run docs` writes it', (name, text) => {
    expect(readFileSync(fileURLToPath(new URL(`../../src/${name}`, import.meta.url)), 'utf8')).toBe(text);
  });
});
