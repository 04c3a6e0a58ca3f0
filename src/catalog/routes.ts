import type { RouteRow } from './route-row.js';
import { accountRoutes } from './routes/account.js';
import { batchesRoutes } from './routes/batches.js';
import { completionsRoutes } from './routes/completions.js';
import { conversationsRoutes } from './routes/conversations.js';
import { datasetsRoutes } from './routes/datasets.js';
import { filesRoutes } from './routes/files.js';
import { fineTuningRoutes } from './routes/fine-tuning.js';
import { inferenceRoutes } from './routes/inference.js';
import { responsesRoutes } from './routes/responses.js';
import { uploadsRoutes } from './routes/uploads.js';
import { vectorStoresRoutes } from './routes/vector-stores.js';

/**
 * THE TABLE: every public route of the tenant data plane, `/api/tenant/v1` (contract section 3).
 * The guard, the lists, OpenAPI, the documents and the Harbor manifest are functions of it; a new route starts as a
 * row in `routes/`. Boot stops when a row has no handler, a handler no row, or two rows share method and path.
 */
export const routes = {
  ...inferenceRoutes,
  ...completionsRoutes,
  ...responsesRoutes,
  ...conversationsRoutes,
  ...datasetsRoutes,
  ...filesRoutes,
  ...uploadsRoutes,
  ...batchesRoutes,
  ...vectorStoresRoutes,
  ...fineTuningRoutes,
  ...accountRoutes,
} as const satisfies Record<string, RouteRow>;

export type RouteId = keyof typeof routes;

export const routeIds = Object.keys(routes) as readonly RouteId[];

/** The row of an id, in the table's general type. */
export function routeRow(id: RouteId): RouteRow {
  return routes[id];
}
