import type { RunbookObject } from '../contracts/runbooks.js';

type Configuration = { readonly base_url: string | null } & RunbookObject['configuration'];

/** A product's configuration for people: its fields, its variables as a shell takes them, and its files. */
export function configurationText(name: string, { base_url, fields, environment, files }: Configuration): string {
  const variables = environment.map(({ name: variable, value }) =>
    value === null ? `unset ${variable}` : `export ${variable}=${quoted(value)}`,
  );
  const parts = [
    [`${name}`, `Base URL: ${base_url ?? ''}`],
    fields.length === 0 ? [] : ['Fields:', ...fields.map(({ where, value }) => `  ${where}: ${value}`)],
    variables.length === 0 ? [] : ['Environment:', ...variables.map((line) => `  ${line}`)],
    ...files.map(({ file, content }) => [`${file}:`, ...content.split('\n').map((line) => `  ${line}`)]),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** A value that a shell reads as it is. */
function quoted(value: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
