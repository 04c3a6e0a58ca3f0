import { setImmediate } from 'node:timers/promises';
import { adminRouteIds, adminRouteRow } from '../admin-routes.js';
import { OpenApiSchemas } from '../openapi-schemas.js';
import { routeIds, routeRow } from '../routes.js';
import { systemRoute, systemRouteIds } from '../system-routes.js';
import { ErrorReplies, errorSchema } from './error-replies.js';
import { everywhere, headerComponents, onDataPlane } from './headers.js';
import { introduction } from './introduction.js';
import type { Json } from './json.js';
import { adminBase, adminOperation, systemOperation, tenantBase, tenantOperation, type Shared } from './operations.js';
import { parameterComponents } from './parameters.js';
import { originMark } from './samples.js';
import { tags } from './tags.js';
import { webhooks } from './webhook-events.js';

let written: string | undefined;
let writing: Promise<string> | undefined;

/** The OpenAPI 3.1 description of both planes as JSON, for a platform at this origin. It is put together once in each process. */
export function openApiText(origin: string): string {
  written ??= inOneGo();
  return at(origin, written);
}

/** The same for a process that has other work to do: it is put together in small steps. */
export async function openApiTextInSteps(origin: string): Promise<string> {
  writing ??= inSteps();
  return at(origin, await writing);
}

/** The same as an object. */
export function openApiDocument(origin: string): Json {
  return JSON.parse(openApiText(origin)) as Json;
}

function at(origin: string, text: string): string {
  const written = JSON.stringify(origin).slice(1, -1);
  // A text in its place would be read for `$&` and the like.
  return text.replaceAll(originMark, () => written);
}

function inOneGo(): string {
  const steps = description();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return JSON.stringify(step.value);
  }
}

async function inSteps(): Promise<string> {
  const steps = description();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return JSON.stringify(step.value);
    await setImmediate();
  }
}

/** Rests after each operation. */
function* description(): Generator<undefined, Json> {
  const schemas = new OpenApiSchemas();
  const shared: Shared = {
    schemas,
    tenantErrors: new ErrorReplies(onDataPlane, 'tenant.'),
    adminErrors: new ErrorReplies(everywhere, 'admin.'),
  };
  const paths: Record<string, Record<string, Json>> = {};
  const add = (path: string, method: string, operation: Json): void => {
    (paths[path] ??= {})[method.toLowerCase()] = operation;
  };
  for (const id of routeIds) {
    add(tenantBase + routeRow(id).path, routeRow(id).method, tenantOperation(id, shared));
    yield;
  }
  for (const id of adminRouteIds) {
    add(adminBase + adminRouteRow(id).path, adminRouteRow(id).method, adminOperation(id, shared));
    yield;
  }
  for (const id of systemRouteIds) add(systemRoute(id).path, systemRoute(id).method ?? 'GET', systemOperation(id, shared));
  const events = webhooks(schemas);
  return {
    openapi: '3.1.0',
    info: { title: 'GT API', version: '1', description: introduction },
    servers: [{ url: originMark, description: 'This platform.' }],
    tags: tags(),
    paths,
    webhooks: events,
    components: {
      securitySchemes: {
        tenantKey: { type: 'http', scheme: 'bearer', description: 'A key of a tenant, `gtak_…`, for /api/tenant/v1.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-gt_session',
          description:
            'The session of somebody who is signed in (`gt_session` without https). For pages of the platform: `Sec-Fetch-Site: same-origin`, or an `Origin` header with the address of the platform, must say so.',
        },
        adminToken: { type: 'http', scheme: 'bearer', description: 'A token of the admin plane, `gtad_…`, for /api/admin/v1.' },
        metricsToken: { type: 'http', scheme: 'bearer', description: 'The token of GT_METRICS_TOKEN, for /metrics.' },
      },
      schemas: { Error: errorSchema, ...schemas.named },
      responses: { ...shared.tenantErrors.components, ...shared.adminErrors.components },
      headers: headerComponents,
      parameters: parameterComponents,
      examples: { ...shared.tenantErrors.examples, ...shared.adminErrors.examples },
    },
  };
}
