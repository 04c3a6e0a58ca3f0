import { describe, expect, it } from '@jest/globals';
import { openApiDocument } from '../../src/catalog/openapi.js';

interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content: Content }>>;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

const document = openApiDocument('http://127.0.0.1/api') as unknown as {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
};
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
const schemasOf = (content: Content | undefined): Schema[] => Object.values(content ?? {}).map(({ schema }) => schema);

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

describe('the OpenAPI document', () => {
  it('says a sentence about every body of a request and of a reply', () => {
    const wrong = operations.flatMap(({ operationId, requestBody, responses }) => [
      ...schemasOf(requestBody?.content).map((schema) => ({ place: `${operationId} request`, schema })),
      ...schemasOf(responses['200']?.content ?? responses['201']?.content).map((schema) => ({
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
        .filter((parameter) => parameter.in === 'query' && !isSaid(parameter.schema))
        .map(({ name }) => `${operationId}?${name}`),
      ...schemasOf(requestBody?.content).flatMap((schema) => silent(schema, operationId)),
    ]);
    expect(wrong).toEqual([]);
  });
});
