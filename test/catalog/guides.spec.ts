import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { builtInPresets } from '../../src/catalog/presets.js';
import { scopes } from '../../src/contracts/scopes.js';
import { runCli } from '../support/cli.js';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const pages = [...readdirSync(`${docs}guides`).map((name) => `guides/${name}`), 'harbor/operator.md'].map(
  (name) => [name, readFileSync(docs + name, 'utf8')] as const,
);

/** The commands of `gt` on a page: each from its name to the end of the code that it stands in, without a remark. */
function commandsIn(text: string): string[] {
  const joined = text.replace(/\\\n\s*/g, ' ');
  const fenced = [...joined.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) => block.split('\n'));
  const inline = [...joined.replace(/```.*?```/gs, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  return [...fenced, ...inline].flatMap(
    (line) => /(?:^|npx --no -- )gt ([a-z].*)/.exec(line.trim().replace(/\s+# .*$/, ''))?.[1] ?? [],
  );
}

describe.each(pages)('docs/%s', (name, text) => {
  it('names commands and flags that there are', async () => {
    for (const command of commandsIn(text)) {
      const words = command.split(/\s+/);
      const end = words.findIndex((word) => word.startsWith('-') || word === '>');
      const path = words.slice(0, end === -1 ? words.length : end).slice(0, 2);
      const { code, out } = await runCli([...path, '--help']);
      expect([command, code, out.startsWith(`Usage: gt ${path.join(' ')}`)]).toEqual([command, 0, true]);
      for (const [flag] of command.matchAll(/--[a-z][a-z-]*/g))
        expect([command, flag, out.includes(`${flag} `)]).toEqual([command, flag, true]);
    }
  });

  it('links to pages that there are', () => {
    for (const [, link = ''] of text.matchAll(/\]\(([^)#]+\.md)/g)) {
      const path = fileURLToPath(new URL(link, new URL(name, `file://${docs}`)));
      expect([link, existsSync(path)]).toEqual([link, true]);
    }
  });
});

describe('docs/guides/choosing-a-preset.md', () => {
  it('has each built-in preset with its scopes', () => {
    const text = readFileSync(`${docs}guides/choosing-a-preset.md`, 'utf8');
    const rows = [...text.matchAll(/^\| [^|]+ \| `([a-z-]+)` \| ([^|]+) \|$/gm)].map(([, slug, held = '']) => [
      slug,
      held.startsWith('every scope except')
        ? scopes.filter((scope) => !held.includes(scope))
        : held.split(', ').map((word) => word.replaceAll('`', '')),
    ]);
    expect(rows).toEqual(builtInPresets.map(({ slug, scopes: held }) => [slug, [...held]]));
  });
});
