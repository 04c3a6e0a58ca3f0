import { describe, expect, it } from '@jest/globals';
import { openApiDocument } from '../../src/catalog/openapi.js';

interface Schema {
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

const document = openApiDocument('http://127.0.0.1/api') as { readonly paths: Record<string, Record<string, Operation>> };
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
const schemasOf = (content: Content | undefined): Schema[] => Object.values(content ?? {}).map(({ schema }) => schema);

/** A row without a schema, of a route that speaks OpenAI's own form. */
const isOpen = (schema: Schema): boolean => Object.keys(schema).join() === 'type';

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
function isSaid({ description, anyOf }: Schema): boolean {
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
    expect(wrong.filter(({ schema }) => schema.description === undefined && !isOpen(schema)).map(({ place }) => place)).toEqual(
      [],
    );
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
