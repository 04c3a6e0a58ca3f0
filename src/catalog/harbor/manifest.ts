import type { HarborAction, HarborManifest, HarborPort } from '../../contracts/harbor.js';
import type { RouteRow } from '../route-row.js';
import { describedRoute } from '../described-route.js';
import { routeIds } from '../routes.js';
import { actionOf } from './actions.js';
import { actionSet } from './action-set.js';

/** The port of a platform. @param baseUrl of the data plane, with `/api/tenant/v1`; a slash is added where there is none. */
export function harborPort(baseUrl: string): HarborPort {
  return {
    kind: 'http_api',
    label: 'GT API',
    description: "A tenant's agents, models, files and documents behind the OpenAI API, managed locally through Harbor.",
    baseUrl: baseUrl.replace(/\/*$/, '/'),
    authMode: 'header_token',
    authHeaderName: 'Authorization',
    authTokenPrefix: 'Bearer',
    publisher: { slug: 'gt', name: 'GT' },
    category: 'AI',
    tags: ['openai', 'ai', 'llm', 'responses', 'embeddings', 'vector-stores', 'fine-tuning', 'batches'],
  };
}

/**
 * What a node of Harbor imports: the port, and one action for each row of the route table that is permitted. Nothing but the
 * table, the address and the answers of `permits` goes into it, so it cannot hold a secret.
 */
export function harborManifest(
  baseUrl: string,
  permits: (row: RouteRow) => boolean,
  version: number = actionSet.version,
): HarborManifest {
  const permitted = harborRows().filter(({ row }) => permits(row));
  return {
    object: 'harbor.manifest',
    version,
    port: harborPort(baseUrl),
    actions: permitted.flatMap(({ action }) => action ?? []),
    leftOut: permitted.flatMap(({ row: { method, path, summary: label, harbor } }) =>
      'leftOut' in harbor ? [{ method, path, label, reason: harbor.leftOut }] : [],
    ),
  };
}

/** Every action, whoever may do it. */
export function harborActions(): HarborAction[] {
  return harborRows().flatMap(({ action }) => action ?? []);
}

interface Described {
  readonly row: RouteRow;
  readonly action: HarborAction | undefined;
}

let known: readonly Described[] | undefined;

/** All rows with their actions: the schemas are translated once for each process. */
export function harborRows(): readonly Described[] {
  known ??= routeIds.map(describedRoute).map((row) => ({ row, action: actionOf(row) }));
  return known;
}
