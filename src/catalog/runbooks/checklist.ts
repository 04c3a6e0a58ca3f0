import { usesWithPreset, uses } from './guidance.js';
import { presetFor } from './reach.js';
import type { RunbookRow } from './runbook-row.js';

/** What is tried of a product that is set up. */
export const checkIds = ['models', 'answer', 'stream', 'embeddings', 'extensions', 'refusal', 'scopes'] as const;

export type CheckId = (typeof checkIds)[number];

export interface Check {
  readonly id: CheckId;
  /** What is seen when it is passed. */
  readonly text: string;
}

/** The checks of a product, in the order in which they are tried. None for a product that is no client. */
export function checklistOf(row: RunbookRow): Check[] {
  if (row.preset === null || row.client === null) return [];
  const answers = row.routes.some(({ route, use }) => route === 'responses.create' && use === 'always') ? 'response' : 'chat';
  const texts: Partial<Record<CheckId, string>> = {
    models: uses(row, 'models.list')
      ? 'The client lists the models, and sees only the names that the key may use.'
      : 'The client does not list models: `GET /v1/models` with its key has the alias that is typed in.',
    answer: `One ${answers} with the published alias is complete.`,
    ...(row.client.streaming.use === 'never' ? {} : { stream: `One ${answers} comes in pieces while it is made.` }),
    ...(usesWithPreset(row, 'embeddings.create') ? { embeddings: 'One text is embedded with a published name.' } : {}),
    ...extensions(row),
    refusal: 'A route outside the preset answers 403 and names the missing scope.',
    scopes: 'The scopes of the key are those of the routes that were really called: `gt key exercise <key>`.',
  };
  return checkIds.flatMap((id) => (texts[id] === undefined ? [] : [{ id, text: texts[id] }]));
}

function extensions({ preset, alternatives, routes }: RunbookRow): Partial<Record<CheckId, string>> {
  const upload = routes.find(({ route }) => route === 'datasets.files.create' || route === 'conversations.files.create');
  if (upload === undefined || preset === null) return {};
  const needed = presetFor([preset, ...alternatives.map((alternative) => alternative.preset)], upload.route);
  const key = needed === preset || needed === undefined ? '' : `, with a key of the preset \`${needed}\``;
  const polled = routes.some(({ route }) => route === 'files.get') ? ' and asked for until it is `ready`' : '';
  return { extensions: `The GT routes that are used work: a file is uploaded${polled}${key}.` };
}
