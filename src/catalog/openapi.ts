import { z, type ZodType } from 'zod';
import { errorTable } from '../kernel/error-codes.js';
import { adminRouteIds, adminRouteRow } from './admin-routes.js';
import type { AdminRouteRow } from './admin/admin-route-row.js';
import { jsonSchema } from './json-schema.js';
import { pathParametersOf } from './path-parameters.js';
import { routeIds, routeRow } from './routes.js';
import type { RouteRow } from './route-row.js';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 description of both planes, a pure function of the route tables. */
export function openApiDocument(serverUrl: string): Json {
  const paths: Record<string, Json> = {};
  for (const id of routeIds)
    add(paths, `/api/tenant/v1${routeRow(id).path}`, routeRow(id).method, tenantOperation(id, routeRow(id)));
  for (const id of adminRouteIds)
    add(paths, `/api/admin/v1${adminRouteRow(id).path}`, adminRouteRow(id).method, adminOperation(id, adminRouteRow(id)));
  return {
    openapi: '3.1.0',
    info: {
      title: 'GT API',
      version: '1',
      description:
        "A tenant's agents behind the OpenAI API. Routes marked native follow OpenAI's own contract; gt_extension routes are described here.",
    },
    servers: [{ url: serverUrl }],
    paths,
    components: {
      securitySchemes: {
        tenantKey: { type: 'http', scheme: 'bearer', description: 'A key of a tenant, `gtak_…`.' },
        adminToken: { type: 'http', scheme: 'bearer', description: 'A token of the admin plane, `gtad_…`.' },
      },
      schemas: { Error: errorSchema },
    },
  };
}

const errorSchema: Json = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message', 'type', 'param', 'code'],
      properties: {
        message: { type: 'string' },
        type: { type: 'string' },
        param: { type: ['string', 'null'] },
        code: { type: ['string', 'null'], examples: Object.keys(errorTable) },
      },
    },
  },
};

const errorReply: Json = {
  description: 'An error, in the form of OpenAI.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

const bytesReply: Json = {
  description: 'Done.',
  content: { '*/*': { schema: { description: 'Bytes of the type that the header content-type names.' } } },
};

function add(paths: Record<string, Json>, path: string, method: string, operation: Json): void {
  (paths[path] ??= {})[method.toLowerCase()] = operation;
}

function tenantOperation(id: string, row: RouteRow): Json {
  return {
    operationId: id,
    summary: row.summary,
    tags: [row.group],
    security: [{ tenantKey: [] }],
    'x-gt-scopes': row.scopes,
    'x-gt-verdict': row.verdict,
    'x-gt-access': row.access,
    ...(row.superset === true ? { 'x-gt-superset': true } : {}),
    parameters: [...pathParameters(row.path), ...queryParameters(row.query), ...(row.method === 'POST' ? [idempotencyKey] : [])],
    ...requestBody(row.body, row.request ?? row.relayed),
    responses: { '200': row.replies === 'bytes' ? bytesReply : success(row.response), default: errorReply },
  };
}

function adminOperation(id: string, row: AdminRouteRow): Json {
  return {
    operationId: `admin.${id}`,
    summary: row.summary,
    tags: ['admin'],
    security: [{ adminToken: [] }],
    'x-gt-role': row.role,
    parameters: [...pathParameters(row.path), ...queryParameters(row.query)],
    ...requestBody(row.body, row.request),
    responses: { [String(row.status)]: success(row.response, row.events), default: errorReply },
  };
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same request under the same key is answered again for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function pathParameters(path: string): Json[] {
  return Object.entries(pathParametersOf(path)).map(([name, schema]) => ({ name, in: 'path', required: true, schema }));
}

function queryParameters(query: ZodType | undefined): Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(query, 'input') as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

function requestBody(kind: RouteRow['body'], schema: ZodType | undefined): Json {
  if (kind === 'none') return {};
  const mediaType = kind === 'json' ? 'application/json' : 'multipart/form-data';
  return {
    requestBody: {
      required: true,
      content: { [mediaType]: { schema: schema === undefined ? { type: 'object' } : jsonSchema(schema, 'input') } },
    },
  };
}

function success(schema: ZodType | undefined, events?: AdminRouteRow['events']): Json {
  const body = schema === undefined ? { type: 'object' } : jsonSchema(schema, 'output');
  const content = { 'application/json': { schema: body }, ...(events === undefined ? {} : eventStream(events)) };
  return { description: 'Done.', content };
}

/** OpenAPI cannot describe events: the media type is text, and an extension lists the schema of each event's data. */
function eventStream(events: NonNullable<AdminRouteRow['events']>): Json {
  const names = Object.keys(events);
  return {
    'text/event-stream': {
      schema: {
        type: 'string',
        description: `For a client that accepts it. Events: ${names.join(', ')}; the last one is the answer. An error comes as data without a name.`,
      },
      'x-gt-events': Object.fromEntries(names.map((name) => [name, jsonSchema(events[name] ?? z.unknown(), 'output')])),
    },
  };
}
