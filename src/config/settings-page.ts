import { z } from 'zod';
import { envSchema } from './env.schema.js';

interface SettingSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
}

/** Settings that `npm run up` reads for itself; the processes of a deployment do not know them. */
const ofUp: readonly (readonly [string, string])[] = [
  ['OPENAI_API_KEY', 'Also connects this real provider and publishes an alias on it.'],
  ['OPENAI_BASE_URL', "That provider's address, if it is not OpenAI."],
  ['OPENAI_MODEL', "That provider's chat model."],
];

/** `docs/settings.md`: all settings, from the schema that start-up checks them with. */
export function settingsPage(): string {
  const { properties = {} } = z.toJSONSchema(envSchema, { io: 'input', unrepresentable: 'any' });
  const required = requiredNames();
  const rows = Object.entries(properties as Record<string, SettingSchema>).map(([name, schema]) => {
    const fallback = required.has(name) ? 'required' : schema.default === undefined ? '' : `\`${String(schema.default)}\``;
    const values = schema.enum === undefined ? '' : ` One of ${schema.enum.map((value) => `\`${String(value)}\``).join(', ')}.`;
    return `| \`${name}\` | ${fallback === '``' ? '' : fallback} | ${(schema.description ?? '').replaceAll('|', '\\|')}${values} |`;
  });
  return [
    '# Settings',
    '',
    '<!-- Generated from src/config/env.schema.ts by `npm run docs`; a test compares. Do not edit. -->',
    '',
    'Environment variables of the API and the worker. An empty value counts as not set; an unknown `GT_` name stops the start.',
    'Nothing that is secret has a default. `npm run up` makes what is required and keeps it in the data folder.',
    '',
    '| setting | default | what it does |',
    '| --- | --- | --- |',
    ...rows,
    '',
    'Read by `npm run up` alone:',
    '',
    '| setting | what it does |',
    '| --- | --- |',
    ...ofUp.map(([name, text]) => `| \`${name}\` | ${text} |`),
    '',
  ].join('\n');
}

/** The settings without which no process starts. */
export function requiredNames(): ReadonlySet<string> {
  const result = envSchema.safeParse({});
  return new Set(result.error?.issues.map((issue) => String(issue.path[0])) ?? []);
}
