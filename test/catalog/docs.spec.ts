import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generatedModules, generatedPages } from '../../src/docs-pages.js';

describe('generated pages', () => {
  it.each(Object.entries(generatedPages()))('docs/%s is what the tables give; `npm run docs` writes it', (name, text) => {
    expect(readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8')).toBe(text);
  });
});

describe('generated modules', () => {
  it.each(Object.entries(generatedModules()))('src/%s is what the tables give; `npm run docs` writes it', (name, text) => {
    expect(readFileSync(fileURLToPath(new URL(`../../src/${name}`, import.meta.url)), 'utf8')).toBe(text);
  });
});
