import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One route of the contract's section 3. Scopes are separated by commas; `any` is every live key. */
export interface ContractRow {
  readonly method: string;
  readonly path: string;
  readonly group: string;
  readonly scopes: string;
  readonly verdict: 'native' | 'native, superset' | 'gt_extension';
  readonly access: 'R' | 'X';
}

const section = /\n## 3\. [^]*?(?=\n## 4\. )/.exec(
  readFileSync(fileURLToPath(new URL('../../docs/contract.md', import.meta.url)), 'utf8'),
)?.[0];

/** The cells of each row of the table that has this heading, without words in parentheses. */
function cellsBelow(heading: string): string[][] {
  const lines = (section ?? '').split('\n');
  const from = lines.findIndex((line) => line.startsWith(`| ${heading}`));
  if (from === -1) throw new Error(`The contract has no table "${heading}".`);
  const rows = lines.slice(from + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .replace(/ \([^)]*\)/g, '')
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/**
 * Every route of the data plane, as the contract promises it: its own table is read, so that the product is held against
 * something that is not the product's table. `POST, DELETE /a` are two routes, `…` stands for the path before it as far as
 * its last parameter, a group holds until another one is named.
 */
export const contractRows: readonly ContractRow[] = readRoutes();

function readRoutes(): ContractRow[] {
  const rows: ContractRow[] = [];
  let group = '';
  let stem = '';
  for (const [places = '', scopes = '', verdict, access] of cellsBelow('method and path')) {
    group = /\[([a-z_]+)\]/.exec(places)?.[1] ?? group;
    let methods: string[] = [];
    let count = 0;
    for (const [, verbs, path] of places.matchAll(
      /((?:GET|POST|PATCH|DELETE)(?:, (?:GET|POST|PATCH|DELETE))*)|([/…][^\s,;]*)/g,
    )) {
      if (verbs !== undefined) methods = verbs.split(', ');
      if (path === undefined) continue;
      if (path.includes('}') && !path.startsWith('…')) stem = path.slice(0, path.lastIndexOf('}') + 1);
      const perPlace = scopes.split('; ');
      for (const method of methods)
        rows.push({
          method,
          path: path.replace('…', stem),
          group,
          scopes: perPlace[count] ?? scopes,
          verdict: verdict as ContractRow['verdict'],
          access: access as ContractRow['access'],
        });
      count += 1;
    }
  }
  return rows;
}

/** The scopes of a row as a list; undefined for `any`. */
export function scopesOf(row: ContractRow): readonly string[] | undefined {
  return row.scopes === 'any' ? undefined : row.scopes.split(', ');
}

/** Every scope of the contract; `inference:override` has no route of its own. */
export const contractScopes: readonly string[] = [
  ...new Set([...contractRows.flatMap((row) => scopesOf(row) ?? []), 'inference:override']),
];

/** The built-in presets: what a key made from each may do, links counted in. */
export const contractPresets: Readonly<Record<string, readonly string[]>> = readPresets();

function readPresets(): Record<string, string[]> {
  const presets: Record<string, string[]> = {};
  for (const [slug = '', , purpose = '', scopes = ''] of cellsBelow('preset slug')) {
    const linked = /links: (.*)$/.exec(purpose)?.[1]?.split(', ') ?? [];
    presets[slug] = [...readScopes(scopes), ...linked.flatMap((other) => presets[other] ?? [])];
  }
  return presets;
}

/** `inference:chat, :embed` names two scopes of one word. */
function readScopes(text: string): string[] {
  const but = /^every scope except (.*)$/.exec(text)?.[1];
  if (but !== undefined) return contractScopes.filter((scope) => scope !== but);
  let word = '';
  return text.split(', ').map((scope) => {
    word = scope.startsWith(':') ? word : (scope.split(':')[0] ?? '');
    return scope.startsWith(':') ? word + scope : scope;
  });
}
