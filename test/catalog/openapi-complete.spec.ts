import { describe, expect, it } from '@jest/globals';
import { adminRouteIds, adminRouteRow } from '../../src/catalog/admin-routes.js';
import { describedRoute } from '../../src/catalog/described-route.js';
import { openApiDocument } from '../../src/catalog/openapi/document.js';
import { routeIds } from '../../src/catalog/routes.js';

interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly not?: object;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly 'x-gt-frames'?: { readonly sent: Schema; readonly received: Schema };
}

const document = openApiDocument('http://127.0.0.1') as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};
const operations = new Map(
  Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .map((operation) => [operation.operationId, operation]),
);

const rows = [
  ...routeIds.map((id) => ({ id: id as string, row: describedRoute(id) })),
  ...adminRouteIds.map((id) => ({ id: `admin.${id}`, row: adminRouteRow(id) })),
];

function operationOf(id: string): Operation {
  const operation = operations.get(id);
  if (operation === undefined) throw new Error(`The document has no operation ${id}.`);
  return operation;
}

function named(reference: string): Schema {
  const schema = document.components.schemas[reference.replace('#/components/schemas/', '')];
  if (schema === undefined) throw new Error(`The document has no schema ${reference}.`);
  return schema;
}

/** Whether any value passes: nothing is said of it, or nothing but that it is an object or a list. */
function takesAll(schema: Schema, within: readonly string[] = []): boolean {
  const { $ref: reference, anyOf, oneOf, type } = schema;
  // A schema that holds itself, as that of any JSON does, says nothing more by that.
  if (reference !== undefined) return within.includes(reference) || takesAll(named(reference), [...within, reference]);
  const alternatives = anyOf ?? oneOf;
  if (alternatives !== undefined) return alternatives.some((one) => takesAll(one, within));
  if (schema.enum !== undefined || 'const' in schema || schema.not !== undefined) return false;
  if (type === 'object') return isOpen(schema, within);
  if (type === 'array') return schema.items === undefined || takesAll(schema.items, within);
  return type === undefined;
}

/** Of an object: that it declares nothing and takes everything. */
function isOpen({ properties = {}, additionalProperties = {} }: Schema, within: readonly string[]): boolean {
  if (Object.keys(properties).length > 0 || additionalProperties === false) return false;
  return additionalProperties === true || takesAll(additionalProperties, within);
}

/** Every place within where anything passes and no sentence says what it is. */
function silent(schema: Schema, path: string): string[] {
  if (schema.$ref !== undefined) return [];
  const below = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) => silent(member, `${path}.${name}`)),
    ...(schema.items === undefined ? [] : silent(schema.items, `${path}[]`)),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((one) => silent(one, path)),
  ];
  const isSaid = schema.description?.endsWith('.') === true;
  const isMute = takesAll(schema) && !isSaid && schema.anyOf === undefined && schema.oneOf === undefined;
  // What a list or an alternative holds is told where it stands itself.
  return isMute && below.length === 0 ? [path] : isSaid ? below.filter((place) => place.startsWith(`${path}.`)) : below;
}

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    name === '$ref' && typeof member === 'string' ? [member] : references(member),
  );
}

/** The answer when all goes well. */
const successOf = ({ responses }: Operation) => responses['200'] ?? responses['201'] ?? responses['202'];

const contentOf = (operation: Operation): Content => successOf(operation)?.content ?? {};

describe('the OpenAPI document is complete', () => {
  it.each(rows)('$id: what is sent', ({ id, row }) => {
    const { requestBody } = operationOf(id);
    const mediaTypes = { none: 'application/json', json: 'application/json', multipart: 'multipart/form-data' };
    const isTaken = row.body !== 'none' || row.request !== undefined;
    const schema = requestBody?.content[mediaTypes[row.body]]?.schema;
    expect([id, schema !== undefined]).toEqual([id, isTaken]);
    if (schema === undefined) return;
    expect(takesAll(schema)).toBe(false);
    expect(silent(schema, id)).toEqual([]);
    if (row.body !== 'multipart') return;
    const files = Object.values(schema.properties ?? {}).filter((field) => JSON.stringify(field).includes('"binary"'));
    expect([id, files.length > 0]).toEqual([id, true]);
  });

  it.each(rows)('$id: what is answered', ({ id, row }) => {
    const operation = operationOf(id);
    const { isSocket = false } = 'group' in row ? row : {};
    if (isSocket) {
      const { sent = {}, received = {} } = operation['x-gt-frames'] ?? {};
      expect([sent, received].filter((schema) => takesAll(schema))).toEqual([]);
      expect(operation.responses).toHaveProperty('101');
      return;
    }
    expect([id, successOf(operation) !== undefined]).toEqual([id, true]);
    const content = contentOf(operation);
    expect([id, Object.keys(content).length > 0]).toEqual([id, true]);
    for (const [mediaType, { schema }] of Object.entries(content)) {
      expect([mediaType, takesAll(schema)]).toEqual([mediaType, false]);
      expect(silent(schema, `${id} ${mediaType}`)).toEqual([]);
    }
    if (row.events !== undefined) expect(content).toHaveProperty(['text/event-stream']);
  });

  it('says in each named schema what each member is, as far as anything passes', () => {
    expect(Object.entries(document.components.schemas).flatMap(([name, schema]) => silent(schema, name))).toEqual([]);
  });

  it('has every schema that is referred to, and refers to every schema that it has', () => {
    const used = new Set(references(document).map((reference) => reference.replace('#/components/schemas/', '')));
    const known = Object.keys(document.components.schemas);
    expect([...used].filter((name) => !name.startsWith('#') && !known.includes(name))).toEqual([]);
    expect(known.filter((name) => !used.has(name))).toEqual([]);
  });
});
