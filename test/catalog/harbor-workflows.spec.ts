import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { harborManifest } from '../../src/catalog/harbor/manifest.js';
import { builtInPresets } from '../../src/catalog/presets.js';

const { actions, leftOut } = harborManifest('https://x', () => true);
const approvals = new Map<string, string>(actions.map(({ slug, approvalMode }) => [slug, approvalMode]));
const places = new Set([...actions, ...leftOut].map(({ method, path }) => `${method} ${path}`));

describe.each(['operator.md', 'agent.md'])('docs/harbor/%s', (name) => {
  const text = readFileSync(fileURLToPath(new URL(`../../docs/harbor/${name}`, import.meta.url)), 'utf8');
  // A block is a line of a table, an item of a list or a paragraph.
  const blocks = text.split(/\n(?=\|)|\n(?=- )|\n(?=\d+\. )|\n\n/);
  const slugsIn = (block: string): string[] => [...block.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, slug = '']) => slug);

  it('names actions that there are', () => {
    const named = blocks.flatMap(slugsIn);
    expect(named).toContain('list-models');
    expect(named.filter((slug) => !approvals.has(slug))).toEqual([]);
  });

  it('says of each action whether it wants an approval as the manifest does', () => {
    const said = blocks.flatMap((block) => {
      const modes = ['automatic', 'require_approval'].filter((mode) => new RegExp(String.raw`\b${mode}\b`).test(block));
      return modes.length === 1 ? slugsIn(block).map((slug) => [slug, modes[0]]) : [];
    });
    expect(said.length).toBeGreaterThan(5);
    for (const [slug = '', mode] of said) expect([slug, approvals.get(slug)]).toEqual([slug, mode]);
  });

  it('names routes and presets that there are', () => {
    const routes = [...text.matchAll(/\b(GET|POST|PATCH|DELETE) (\/[a-z_/{}]+)/g)].map(([, method, path]) => `${method} ${path}`);
    expect(routes.length).toBeGreaterThan(0);
    expect(routes.filter((route) => !places.has(route))).toEqual([]);
    for (const [, preset] of text.matchAll(/--preset ([a-z-]+)/g))
      expect(builtInPresets.map(({ slug }) => slug)).toContain(preset);
  });
});
