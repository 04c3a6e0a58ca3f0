import { routeIds, routeRow, type RouteId } from '../routes.js';
import { presetFor, presetReaches } from './reach.js';
import type { RouteUse, RunbookRow } from './runbook-row.js';
import type { Verdict } from '../../contracts/runbook-words.js';

/** What a product does with one route. */
export interface Mapped {
  readonly route: RouteId;
  /** As runbooks write it: below `/api/tenant`. */
  readonly method: string;
  readonly path: string;
  readonly verdict: Verdict;
  readonly use: RouteUse['use'] | 'none';
  /** When and how the product calls it, and whose key it needs. */
  readonly integration: string;
}

/** The routes that every runbook speaks of, also where the product has no use for them. */
const usual: readonly RouteId[] = [
  'models.list',
  'chat.completions.create',
  'responses.create',
  'embeddings.create',
  'audio.transcriptions.create',
  'audio.speech.create',
  'images.generate',
  'conversations.files.create',
  'datasets.files.create',
  'files.get',
];

const times = {
  always: 'With every use',
  optional: 'Where the feature is used',
  fallback: 'Where a setting or a name leads there',
} as const;

/** The product's routes and the usual ones, in the order of the table. */
export function mappingOf(row: RunbookRow): Mapped[] {
  const uses = new Map(row.routes.map((use) => [use.route, use]));
  return routeIds
    .filter((route) => uses.has(route) || usual.includes(route))
    .map((route) => {
      const { method, path } = routeRow(route);
      const use = uses.get(route);
      const place = { route, method, path: `/v1${path}` };
      if (use === undefined)
        return { ...place, verdict: 'not_supported', use: 'none', integration: 'The product does not call it' };
      return { ...place, verdict: use.verdict, use: use.use, integration: integration(row, use) };
    });
}

function integration({ preset, alternatives }: RunbookRow, { route, use, note }: RouteUse): string {
  const { method, path, body } = routeRow(route);
  const form = { none: '', json: ' with a JSON body', multipart: ' with a multipart form' }[body];
  const needed =
    preset === null || presetReaches(preset, route)
      ? undefined
      : presetFor(
          alternatives.map((alternative) => alternative.preset),
          route,
        );
  const how = `${times[use]}: HTTP ${method} \`/v1${path}\`${form}.`;
  return [how, note, needed === undefined ? undefined : `Needs a key of the preset \`${needed}\`.`]
    .filter((text) => text !== undefined)
    .join(' ');
}
