import type { Command } from 'commander';
import { placeholders } from '../catalog/runbooks/filling.js';
import { presetReaches } from '../catalog/runbooks/reach.js';
import { createKeyRequest } from '../contracts/keys.js';
import type { RunbookObject } from '../contracts/runbooks.js';
import { print, remark, type CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';
import { addFieldOptions, checkFields, givenFields } from './field-options.js';
import { createWithLinks } from './linked-keys.js';
import { runbookOf } from './runbook-call.js';
import { configurationText } from './runbook-configuration.js';

type Flags = Readonly<Record<string, unknown>>;

/** What the runbook decides; everything else of a key may be given. */
const decided = ['purpose', 'scopes', 'links', 'preset'];

/** `gt runbook key <product>`: the narrowest key for a product, and its configuration with the key filled in, once. */
export function addRunbookKey(group: Command, context: CliContext): void {
  const command = group
    .command('key <product>')
    .description('Create the narrowest key for a product, and print its configuration with the key filled in')
    .option('--preset <slug>', 'another preset that the runbook names');
  addFieldOptions(command, createKeyRequest, decided).action(async (product: string, { preset: asked, ...flags }: Flags) => {
    const given = givenFields(createKeyRequest, flags);
    const runbook = await runbookOf(context, product, firstNamed(given['agents']));
    const preset = presetOf(runbook, asked);
    const body = { ...namesFor(runbook, preset), ...given, preset };
    checkFields(createKeyRequest, body);
    const key = await createWithLinks(context, body);
    const configuration = withKey(runbook, key.secret);
    print(context, { key, configuration }, () => configurationText(runbook.name, configuration));
    remark(context, `The key "${key.name}" (${key.id}) is shown this once: keep it now.`);
    for (const lack of lacksOf(body, preset)) remark(context, lack);
  });
}

/** @throws CliError for a product that is no client, and for a preset that its runbook does not name. */
function presetOf({ name, preset, alternatives, caveats }: RunbookObject, asked: unknown): string {
  if (preset === null) throw usageError(`${name} cannot call the platform.`, ...caveats);
  if (asked === undefined) return preset;
  const named = [preset, ...alternatives.map((alternative) => alternative.preset)];
  if (typeof asked === 'string' && named.includes(asked)) return asked;
  throw usageError(`--preset is one of ${named.join(', ')}: the runbook names no other.`);
}

/** The names that the configuration has in it: the key allows these and no others. */
function namesFor({ routes, filled_with: { names } }: RunbookObject, preset: string): Record<string, string[]> {
  const embeds = routes.some(({ id, verdict }) => id === 'embeddings.create' && verdict === 'native');
  const chat = names.find(({ kind, modalities }) => kind === 'agent_alias' && modalities.includes('chat'));
  const embed = names.find(({ modalities }) => modalities.includes('embed'));
  const wanted = [
    ...(chat !== undefined && presetReaches(preset, 'chat.completions.create') ? [chat] : []),
    ...(embed !== undefined && embeds && presetReaches(preset, 'embeddings.create') ? [embed] : []),
  ];
  const ofKind = (wantedKind: string): string[] => [
    ...new Set(wanted.flatMap(({ kind, name }) => (kind === wantedKind ? [name] : []))),
  ];
  return { agents: ofKind('agent_alias'), raw_models: ofKind('raw_model') };
}

/** What the key may not do yet, though its preset would let it. */
function lacksOf(body: Readonly<Record<string, unknown>>, preset: string): string[] {
  const isEmpty = (field: string): boolean => !Array.isArray(body[field]) || body[field].length === 0;
  return [
    ...(presetReaches(preset, 'chat.completions.create') && isEmpty('agents') && isEmpty('raw_models')
      ? ['It may use no published name yet: publish an agent, then "gt key update" with --agents.']
      : []),
    ...(presetReaches(preset, 'datasets.files.create') && isEmpty('datasets')
      ? ['It may upload into no dataset: give --datasets where it should.']
      : []),
  ];
}

function firstNamed(agents: unknown): string | undefined {
  return Array.isArray(agents) ? agents.find((name): name is string => typeof name === 'string' && name !== '*') : undefined;
}

function withKey({ base_url, configuration }: RunbookObject, secret: string) {
  const text = JSON.stringify({ base_url, ...configuration }).replaceAll(placeholders.apiKey, secret);
  return JSON.parse(text) as { readonly base_url: string | null } & RunbookObject['configuration'];
}
