import type { ZodType } from 'zod';
import { errorTable } from '../kernel/error-codes.js';
import { adminRouteIds, adminRouteRow } from './admin-routes.js';
import type { AdminRouteRow } from './admin/admin-route-row.js';
import { OpenApiSchemas } from './openapi-schemas.js';
import { pathParametersOf } from './path-parameters.js';
import { describedRoute, type DescribedRoute } from './described-route.js';
import { routeIds } from './routes.js';

type Json = Record<string, unknown>;

let written: Json | undefined;

/** The OpenAPI 3.1 description of both planes, a pure function of the route tables. It is written once for each process. */
export function openApiDocument(serverUrl: string): Json {
  written ??= description();
  return { ...written, servers: [{ url: serverUrl }] };
}

const schemas = new OpenApiSchemas();

function description(): Json {
  const paths: Record<string, Json> = {};
  for (const id of routeIds)
    add(paths, `/api/tenant/v1${describedRoute(id).path}`, describedRoute(id).method, tenantOperation(id, describedRoute(id)));
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
    paths,
    components: {
      securitySchemes: {
        tenantKey: { type: 'http', scheme: 'bearer', description: 'A key of a tenant, `gtak_…`.' },
        adminToken: { type: 'http', scheme: 'bearer', description: 'A token of the admin plane, `gtad_…`.' },
      },
      schemas: { Error: errorSchema, ...schemas.named },
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

const bytes: Json = {
  '*/*': { schema: { type: 'string', format: 'binary', description: 'Bytes of the type that the header content-type names.' } },
};

function add(paths: Record<string, Json>, path: string, method: string, operation: Json): void {
  (paths[path] ??= {})[method.toLowerCase()] = operation;
}

function tenantOperation(id: string, row: DescribedRoute): Json {
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
    ...(row.isSocket === true
      ? frames(row)
      : { ...requestBody(row.body, row.request ?? row.relayed, row.upload), responses: replies(row) }),
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
    ...requestBody(row.body, row.request, row.upload),
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
  const { properties = {}, required = [] } = schemas.of(query, 'input') as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}

/** A body that may be left out counts as an empty object. */
function requestBody(kind: DescribedRoute['body'], schema: ZodType | undefined, upload: DescribedRoute['upload']): Json {
  if (schema === undefined && upload === undefined) return {};
  const body = schema === undefined ? { type: 'object', description: 'A form with a file.' } : schemas.of(schema, 'input');
  if (kind !== 'multipart')
    return {
      requestBody: { required: schema?.safeParse({}).success !== true, content: { 'application/json': { schema: body } } },
    };
  const form = upload === undefined ? body : withFile(body, upload);
  return { requestBody: { required: true, content: { 'multipart/form-data': { schema: form } } } };
}

function withFile(fields: Json, { field, description }: NonNullable<DescribedRoute['upload']>): Json {
  const { properties = {}, required = [] } = fields as { readonly properties?: Json; readonly required?: readonly string[] };
  const file = { type: 'string', format: 'binary', description };
  return { ...fields, properties: { [field]: file, ...properties }, required: [field, ...required] };
}

/** A WebSocket: OpenAPI has no words for what goes over it. */
function frames({ relayed, events }: DescribedRoute): Json {
  return {
    'x-gt-frames': {
      ...(relayed === undefined ? {} : { sent: schemas.of(relayed, 'input') }),
      ...(events === undefined ? {} : { received: schemas.of(events, 'output') }),
    },
    responses: { '101': { description: 'The WebSocket is open.' }, default: errorReply },
  };
}

function replies(row: DescribedRoute): Json {
  return row.isAbsent === true ? { '404': errorReply, default: errorReply } : { '200': reply(row), default: errorReply };
}

function reply({ response, replies, textToo, events }: DescribedRoute): Json {
  const text = { 'text/plain': { schema: { type: 'string', description: 'Where the request asks for a form of text.' } } };
  return {
    description: 'Done.',
    content: {
      ...(response === undefined ? {} : { 'application/json': { schema: schemas.of(response, 'output') } }),
      ...(replies === 'bytes' ? bytes : {}),
      ...(textToo === true ? text : {}),
      ...(events === undefined ? {} : { 'text/event-stream': dataOf(events) }),
    },
  };
}

/** OpenAPI cannot describe events: as in OpenAI's own description, the schema is that of the data of each. */
function dataOf(events: ZodType): Json {
  return { schema: schemas.of(events, 'output'), 'x-gt-stream': 'The schema is that of the data of each event.' };
}

function success(schema: ZodType | undefined, events?: AdminRouteRow['events']): Json {
  const body = schema === undefined ? { type: 'object' } : schemas.of(schema, 'output');
  const content = { 'application/json': { schema: body }, ...(events === undefined ? {} : eventStream(events)) };
  return { description: 'Done.', content };
}

/** OpenAPI cannot describe events: the media type is text, and an extension lists the schema of each event's data. */
function eventStream(events: NonNullable<AdminRouteRow['events']>): Json {
  return {
    'text/event-stream': {
      schema: {
        type: 'string',
        description: `For a client that accepts it. Events: ${Object.keys(events).join(', ')}; the last one is the answer. An error comes as data without a name.`,
      },
      'x-gt-events': Object.fromEntries(Object.entries(events).map(([name, data]) => [name, schemas.of(data, 'output')])),
    },
  };
}
