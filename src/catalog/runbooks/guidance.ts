import { builtInPreset } from '../presets.js';
import { presetReaches } from './reach.js';
import type { RunbookRow } from './runbook-row.js';

/** What has to be there before a product is set up. @param aliases published names, where they are known. */
export function prerequisitesOf(row: RunbookRow, aliases: readonly string[] = []): string[] {
  const { preset } = row;
  if (preset === null) return [];
  const names = aliases.length === 0 ? '' : ` Published here: ${aliases.map(code).join(', ')}.`;
  return [
    `A published alias that the key may use.${names}`,
    `A key of the preset "${builtInPreset(preset)?.name ?? preset}": \`gt runbook key ${row.slug} --name <name>\` makes it and prints this configuration filled in.`,
    row.compatibility === 'http'
      ? 'The product can send a request to any address with headers of its own.'
      : 'The product can change both its base URL and its bearer key.',
    ...(uses(row, 'embeddings.create') ? ['Where embeddings are used: a published name that serves them.'] : []),
    ...row.prerequisites,
  ];
}

/** How a product is set up, in order. */
export function stepsOf(row: RunbookRow): string[] {
  const { baseUrl, client } = row;
  if (client === null || baseUrl.value === null) return [];
  const address = {
    full: 'address',
    host_plus_path: 'host and the path',
    either: 'base URL',
    root: 'base URL',
    v1: 'base URL',
    none: '',
  };
  return [
    `Set the ${address[baseUrl.rule]} to ${code(baseUrl.value)}${at(row, '{{origin}}')}.`,
    `Set the bearer key to the key of the platform${at(row, '{{api_key}}')}.`,
    `Name the published alias as the model${at(row, '{{model}}')}.`,
    ...row.steps,
    uses(row, 'models.list') ? 'Look whether the models are listed, and complete one answer.' : 'Complete one answer.',
    ...(row.routes.some(({ verdict }) => verdict === 'gt_extension')
      ? ['Add conversations and uploads only where the integration needs them.']
      : []),
  ];
}

/** What is beside the API of OpenAI, and what is known to go wrong. */
export function caveatsOf(row: RunbookRow): string[] {
  const others = row.alternatives.map(({ preset, when }) => `Preset ${code(preset)}: ${when}`);
  return [...row.extensions, ...others, ...row.pitfalls];
}

/** What the product cannot do. */
export function limitsOf({ compatibility, summary, notSupported }: RunbookRow): string[] {
  return compatibility === 'no' ? [`It cannot call the platform: ${summary}`, ...notSupported] : notSupported;
}

export function uses({ routes }: RunbookRow, route: RunbookRow['routes'][number]['route']): boolean {
  return routes.some((use) => use.route === route);
}

/** True when the product has the route with a key of its recommended preset. */
export function usesWithPreset(row: RunbookRow, route: RunbookRow['routes'][number]['route']): boolean {
  return row.preset !== null && uses(row, route) && presetReaches(row.preset, route);
}

/** Where the placeholder stands first. */
function at({ fields, env, snippets }: RunbookRow, placeholder: string): string {
  const field = fields.find(({ value }) => value.includes(placeholder));
  if (field !== undefined) return `, in ${code(field.where)}`;
  const variable = env.find(({ value }) => value?.includes(placeholder) === true);
  if (variable !== undefined) return `, in ${code(variable.name)}`;
  const snippet = snippets.find(({ lines }) => lines.some((line) => line.includes(placeholder)));
  return snippet === undefined ? '' : `, in ${code(snippet.file)}`;
}

function code(text: string): string {
  return `\`${text}\``;
}
