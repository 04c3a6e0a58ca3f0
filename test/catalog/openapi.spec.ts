import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { ZodType } from 'zod';
import type { AdminRouteRow } from '../../src/catalog/admin/admin-route-row.js';
import { adminRouteIds, adminRouteRow } from '../../src/catalog/admin-routes.js';
import { describedRoute } from '../../src/catalog/described-route.js';
import { openApiDocument, openApiText, openApiTextInSteps } from '../../src/catalog/openapi/document.js';
import { sdkMethods } from '../../src/catalog/openapi/row-examples.js';
import { routeIds, routeRow } from '../../src/catalog/routes.js';
import { errorTable } from '../../src/kernel/error-codes.js';

interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly description?: string;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly 'x-gt-errors'?: readonly (keyof typeof errorTable)[];
  readonly 'x-code-samples'?: readonly { readonly label: string; readonly source: string }[];
  readonly parameters: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;

const origin = 'http://127.0.0.1:3000';
const document = openApiDocument(origin) as unknown as {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
const named = new Map(operations.map((operation) => [operation.operationId, operation]));
const rows = [
  ...routeIds.map((id) => ({
    name: id as string,
    row: describedRoute(id),
    taken: describedRoute(id).request ?? describedRoute(id).relayed,
  })),
  ...adminRouteIds.map((id) => ({ name: `admin.${id}`, row: adminRouteRow(id), taken: adminRouteRow(id).request })),
];
const schemasOf = (content: Content | undefined): Schema[] => Object.values(content ?? {}).map(({ schema }) => schema);
const isOwn = (parameter: Operation['parameters'][number]): parameter is Parameter => !('$ref' in parameter);

/** A schema, or the one that it refers to. */
const meant = ({ $ref: reference = '', ...schema }: Schema): Schema => ({
  ...document.components.schemas[reference.replace('#/components/schemas/', '')],
  ...schema,
});

/** Every property below a schema that says nothing of itself, by its path. */
function silent(schema: Schema, path: string): string[] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    ...(isSaid(property) ? [] : [`${path}.${name}`]),
    ...silent(property, `${path}.${name}`),
  ]);
  const parts = [...(schema.items === undefined ? [] : [schema.items]), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return [...below, ...parts.flatMap((part) => silent(part, path))];
}

/** A sentence of its own, or of what it is when it is not null. */
function isSaid(schema: Schema): boolean {
  const { description, anyOf } = meant(schema);
  if (description !== undefined) return description.endsWith('.');
  return (anyOf ?? []).some(isSaid);
}

/** What a schema says of an example that it does not take. */
function faults(schema: ZodType, example: unknown): string[] {
  const { success, error } = schema.safeParse(example);
  return success ? [] : error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the OpenAPI document', () => {
  it('says a sentence about every body of a request and of a reply', () => {
    const wrong = operations.flatMap(({ operationId, requestBody, responses }) => [
      ...schemasOf(requestBody?.content).map((schema) => ({ place: `${operationId} request`, schema })),
      ...schemasOf((responses['200'] ?? responses['201'] ?? responses['202'])?.content).map((schema) => ({
        place: `${operationId} reply`,
        schema,
      })),
    ]);
    expect(wrong.filter(({ schema }) => meant(schema).description === undefined).map(({ place }) => place)).toEqual([]);
    expect(wrong.some(({ schema }) => schema.description !== undefined)).toBe(true);
  });

  it('says a sentence about every field that a request may have', () => {
    const wrong = operations.flatMap(({ operationId, parameters, requestBody }) => [
      ...parameters
        .filter(isOwn)
        .filter((parameter) => !isSaid(parameter) && !isSaid(parameter.schema))
        .map(({ name }) => `${operationId}?${name}`),
      ...schemasOf(requestBody?.content).flatMap((schema) => silent(schema, operationId)),
    ]);
    expect(wrong).toEqual([]);
  });

  it('has every route once, under a tag that it describes', () => {
    expect([...named.keys()].filter((name) => !name.startsWith('system.')).sort()).toEqual(rows.map(({ name }) => name).sort());
    const described = new Map(document.tags.map(({ name, description }) => [name, description]));
    for (const { tags, summary } of operations) {
      expect(summary).not.toMatch(/\.$/);
      expect(described.get(tags[0] ?? '')).toMatch(/\.$/);
    }
  });

  it('names the status of success of every route', () => {
    const without = operations.filter(({ responses }) => !Object.keys(responses).some((status) => status.startsWith('2')));
    expect(without.map(({ operationId, responses }) => [operationId, Object.keys(responses)[0]])).toEqual([
      ['responses.websocket', '101'],
    ]);
    for (const { name, row } of rows) if ('status' in row) expect(named.get(name)?.responses).toHaveProperty(String(row.status));
  });

  it('names scopes and roles, one of which is enough', () => {
    for (const id of routeIds) {
      const { scopes } = routeRow(id);
      const expected = scopes === 'any' ? [{ tenantKey: [] }] : scopes.map((scope) => ({ tenantKey: [scope] }));
      expect([id, named.get(id)?.security]).toEqual([id, expected]);
    }
    for (const id of adminRouteIds) expect(named.get(`admin.${id}`)?.security).toEqual(securityOf(adminRouteRow(id)));
  });

  it('gives each status of error the codes that belong to it', () => {
    for (const { operationId, responses, 'x-gt-errors': codes = [] } of operations) {
      if (operationId.startsWith('system.')) continue;
      const told = Object.entries(responses).flatMap(([status, { $ref }]) =>
        ($ref ?? '')
          .split('.')
          .slice(2)
          .map((code) => `${status} ${code}`),
      );
      expect([operationId, told.sort()]).toEqual([operationId, codes.map((code) => `${errorTable[code].status} ${code}`).sort()]);
    }
  });

  it('leaves out no error that a route answers', () => {
    const told = new Set(operations.flatMap(({ 'x-gt-errors': codes = [] }) => codes));
    const silentOnes = Object.keys(errorTable).filter((code) => !told.has(code as keyof typeof errorTable));
    // A wrong method is no route's; the first is an event of a WebSocket; the last has the code of another on the wire.
    expect(silentOnes).toEqual(['websocket_connection_limit_reached', 'method_not_allowed', 'token_limit_exceeded']);
  });

  it('has an example of every body of JSON, which its schema takes', () => {
    const wrong = rows.flatMap(({ name, row, taken }) => {
      const operation = named.get(name);
      const request = operation?.requestBody?.content['application/json'];
      const reply = (operation?.responses['200'] ?? operation?.responses['201'] ?? operation?.responses['202'])?.content?.[
        'application/json'
      ];
      return [
        ...(request === undefined
          ? []
          : request.example === undefined
            ? ['none']
            : taken === undefined
              ? []
              : faults(taken, request.example)),
        ...(reply === undefined || row.response === undefined ? [] : faults(row.response, reply.example)),
      ].map((fault) => `${name} ${fault}`);
    });
    expect(wrong).toEqual([]);
  });

  it('shows every call in curl, Python and Node, with the address of the platform', () => {
    for (const { operationId, 'x-code-samples': samples = [] } of operations) {
      if (operationId === 'responses.websocket') continue;
      expect([operationId, samples.map(({ label }) => label)]).toEqual([operationId, ['curl', 'Python', 'Node']]);
      for (const { source } of samples) expect(source).toContain(origin);
    }
  });

  it("shows only those methods of OpenAI's SDK that there are", () => {
    const client = new OpenAI({ apiKey: 'none' });
    for (const method of Object.values(sdkMethods)) {
      const found = method.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], client);
      expect([method, typeof found]).toEqual([method, 'function']);
    }
  });

  it('is the same in one go and in steps, and has nothing of one platform in that of another', async () => {
    const other = await openApiTextInSteps('https://api.acme.test');
    expect(other.replaceAll('https://api.acme.test', origin)).toBe(openApiText(origin));
    expect(openApiText(origin)).not.toContain('{{');
  });

  it('takes an address as it is, whatever it holds', () => {
    const odd = `http://a$'b$&c"d`;
    expect(openApiDocument(odd)['servers']).toMatchObject([{ url: odd }]);
    expect(openApiText(odd).length).toBeLessThan(openApiText(origin).length * 2);
  });
});

function securityOf({ role }: AdminRouteRow): object[] {
  return role === 'anyone' ? [] : [{ adminToken: [role] }, { session: [role] }];
}
