import type { ZodType } from 'zod';
import type { AdminRouteRow } from '../admin/admin-route-row.js';
import type { DescribedRoute } from '../described-route.js';
import type { OpenApiSchemas } from '../openapi-schemas.js';
import type { Json } from './json.js';

const bytes: Json = {
  '*/*': { schema: { type: 'string', format: 'binary', description: 'Bytes of the type that the header content-type names.' } },
};
const text: Json = {
  'text/plain': { schema: { type: 'string', description: 'Where the request asks for a form of text.' } },
};

/** What a route takes of a body. */
interface Taken {
  readonly kind: DescribedRoute['body'];
  readonly schema: ZodType | undefined;
  readonly upload: DescribedRoute['upload'];
}

/** The body of a request; nothing where the route takes none. A body that may be left out counts as an empty object. */
export function requestBody(schemas: OpenApiSchemas, { kind, schema, upload }: Taken): Json {
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

/** What goes over a WebSocket: OpenAPI has no words for it. */
export function frames(schemas: OpenApiSchemas, { relayed, events }: DescribedRoute): Json {
  return {
    'x-gt-frames': {
      ...(relayed === undefined ? {} : { sent: schemas.of(relayed, 'input') }),
      ...(events === undefined ? {} : { received: schemas.of(events, 'output') }),
    },
  };
}

/** The content of a reply of success on the data plane. */
export function tenantContent(schemas: OpenApiSchemas, { response, replies, textToo, events }: DescribedRoute): Json {
  return {
    ...(response === undefined ? {} : { 'application/json': { schema: schemas.of(response, 'output') } }),
    ...(replies === 'bytes' ? bytes : {}),
    ...(textToo === true ? text : {}),
    ...(events === undefined ? {} : { 'text/event-stream': dataOf(schemas, events) }),
  };
}

/** OpenAPI cannot describe events: as in OpenAI's own description, the schema is that of the data of each. */
function dataOf(schemas: OpenApiSchemas, events: ZodType): Json {
  return { schema: schemas.of(events, 'output'), 'x-gt-stream': 'The schema is that of the data of each event.' };
}

/** The same on the admin plane. */
export function adminContent(schemas: OpenApiSchemas, { response, file, events }: AdminRouteRow): Json {
  if (file !== undefined) return { [file.type]: { schema: { type: 'string', format: 'binary', description: file.description } } };
  if (response === undefined && events !== undefined)
    return eventStream(schemas, events, '%s, until the client leaves or may read no longer.');
  const schema = response === undefined ? { type: 'object' } : schemas.of(response, 'output');
  const asAnswer = 'For a client that accepts it. %s; the last one is the answer.';
  return { 'application/json': { schema }, ...(events === undefined ? {} : eventStream(schemas, events, asAnswer)) };
}

/** Named events: likewise, and an extension says which event has which data. @param text has `%s` for their names. */
function eventStream(schemas: OpenApiSchemas, events: NonNullable<AdminRouteRow['events']>, text: string): Json {
  const data = Object.fromEntries(Object.entries(events).map(([name, schema]) => [name, schemas.of(schema, 'output')]));
  const names = `Events: ${Object.keys(events).join(', ')}`;
  return {
    'text/event-stream': {
      schema: {
        description: `The data of each event. ${text.replace('%s', names)} An error comes as data without a name.`,
        anyOf: Object.values(data),
      },
      'x-gt-events': data,
    },
  };
}
