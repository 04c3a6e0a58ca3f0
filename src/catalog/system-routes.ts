import { z, type ZodType } from 'zod';
import { leakReport, leakReportAnswer } from '../contracts/leak-reports.js';

/** A path that belongs to no plane (contract section 2). */
export interface SystemRoute {
  /** GET where nothing is said. */
  readonly method?: 'POST';
  /** What the body says, in JSON. */
  readonly request?: ZodType;
  readonly path: `/${string}`;
  /** Every path below it as well. */
  readonly isTree?: true;
  readonly summary: string;
  /** What is answered, where it is JSON. */
  readonly response?: ZodType;
  /** Else its media type. */
  readonly type?: string;
  /** The bearer that it asks for; none where anyone may read it. */
  readonly bearer?: 'metricsToken';
}

const check = z
  .looseObject({ ok: z.boolean().optional().describe('Whether this part works.') })
  .describe('How one part of the platform is.');

export const systemRoutes = {
  healthz: {
    path: '/healthz',
    summary: 'Tell that the process is alive',
    response: z.object({ status: z.literal('ok') }).describe('The process is alive.'),
  },
  readyz: {
    path: '/readyz',
    summary: 'Tell whether the process can work',
    response: z
      .object({
        status: z.enum(['ok', 'degraded', 'down']),
        checks: z.record(z.string(), check).describe('Each part by its name.'),
      })
      .describe('How the parts are that the process needs.'),
  },
  metrics: {
    path: '/metrics',
    summary: 'Read the metrics, in the form of Prometheus',
    type: 'text/plain',
    bearer: 'metricsToken',
  },
  openapi: {
    path: '/openapi.json',
    summary: 'Get this description',
    response: z
      .looseObject({ openapi: z.string().describe('The version of OpenAPI.') })
      .describe('A description in the form of OpenAPI.'),
  },
  docs: { path: '/docs', summary: 'Read this description in a browser', type: 'text/html' },
  docsReader: {
    path: '/docs/reader.js',
    summary: 'Get the script of the page that shows this description',
    type: 'text/javascript',
  },
  console: {
    path: '/console',
    isTree: true,
    summary: 'Open the console, where people sign in and run a tenant',
    type: 'text/html',
  },
  leakReports: {
    method: 'POST',
    path: '/api/leak-reports',
    summary: "Report secrets that were found somewhere public, signed as in GitHub's secret-scanning partner programme",
    request: leakReport,
    response: leakReportAnswer,
  },
  tenantIndex: {
    path: '/api/tenant/v1',
    summary: 'Tell that the base URL is right',
    response: z
      .object({
        object: z.literal('api'),
        name: z.string().describe('The name of this API.'),
        base_url: z.string().describe('What clients put their routes behind.'),
      })
      .describe('What stands at the base URL of the data plane.'),
  },
} as const satisfies Record<string, SystemRoute>;

export type SystemRouteId = keyof typeof systemRoutes;

/** The row of an id, in the table's general type. */
export function systemRoute(id: SystemRouteId): SystemRoute {
  return systemRoutes[id];
}

export const systemRouteIds = Object.keys(systemRoutes) as unknown as readonly SystemRouteId[];
