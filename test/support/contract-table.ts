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

const contract = readFileSync(fileURLToPath(new URL('../../docs/contract.md', import.meta.url)), 'utf8');

/** The text of one numbered section. @throws where the contract has none of this number. */
function sectionOf(number: number): string {
  const found = new RegExp(`\\n## ${number}\\. [^]*?(?=\\n## |$)`).exec(contract)?.[0];
  if (found === undefined) throw new Error(`The contract has no section ${number}.`);
  return found;
}

/** The cells of each row of the section's table that has this heading, without words in parentheses. */
function cellsBelow(heading: string, section = 3): string[][] {
  const lines = sectionOf(section).split('\n');
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

/** The words about each built-in preset: its name, its purpose and the presets of its links. */
export const contractPresetHeads = cellsBelow('preset slug').map(([slug = '', name = '', purpose = '']) => {
  const [own = '', links] = purpose.split(', links: ');
  return { slug, name, purpose: own, links: links?.split(', ') ?? [] };
});

/** One code of the table of section 5, with the cell that names it. */
export interface ContractError {
  readonly code: string;
  readonly status: number;
  readonly types: readonly string[];
  readonly words: string;
}

/** Statuses and codes that `/` parts stand in the same order; codes that a comma or semicolon parts share a status. */
export const contractErrors: readonly ContractError[] = cellsBelow('status', 5).flatMap(
  ([statuses = '', types = '', codes = '']) => {
    const groups = codes.split(' / ');
    return statuses.split(' / ').flatMap((status, at) =>
      (groups[at] ?? '').split(/[,;] /).flatMap((words) => {
        const code = /^([a-z_]+)(?: with .*| \+ .*)?$/.exec(words)?.[1];
        return code === undefined ? [] : [{ code, status: Number(status), types: types.split(', '), words }];
      }),
    );
  },
);

/** Every place outside that table that says a status with a code, like ``409 `conflict` ``. */
export const contractAnswers = lines(/\b([45]\d\d) `([a-z_]+)`/g).map(([place, , status, code = '']) => ({
  place,
  status: Number(status),
  code,
}));

/** Every place that names a setting, with the default that it says in parentheses, in the setting's unit. */
export const contractSettings = lines(/`([A-Z][A-Z_]+)`(?: \(([^()]*)\))?/g)
  .filter(([, , name = '']) => /^GT_.|_URL$/.test(name))
  .map(([place, , name = '', words]) => ({ place, name, fallback: fallbackOf(words) }));

function fallbackOf(words = ''): string | undefined {
  const text = words.replaceAll('`', '');
  const amount = /^(\d[\d,]*)(?: (s|minutes))?$/.exec(text);
  if (amount === null) return /^\S*[.\d]\S*$/.test(text) ? text : undefined;
  const factor = amount[2] === 's' ? 1_000 : amount[2] === 'minutes' ? 60_000 : 1;
  return String(Number(amount[1]?.replaceAll(',', '')) * factor);
}

/** All that the pattern finds in the contract, each with its place (`docs/contract.md:7`) before it. */
function lines(pattern: RegExp): [string, ...(string | undefined)[]][] {
  return contract
    .split('\n')
    .flatMap((line, at) =>
      [...line.matchAll(pattern)].map((match): [string, ...string[]] => [`docs/contract.md:${at + 1}`, ...match]),
    );
}
