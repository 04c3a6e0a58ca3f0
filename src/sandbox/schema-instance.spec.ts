import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { minimalInstance } from './schema-instance.js';

const city = z.object({ name: z.string().min(6).max(12), zone: z.enum(['b', 'a']), size: z.int().min(3), open: z.boolean() });

const schemas: Readonly<Record<string, z.ZodType>> = {
  'an object': city,
  'nested arrays': z.object({ rows: z.array(z.array(z.number()).min(2)).min(1), note: z.string().optional() }),
  'a union': z.union([z.object({ kind: z.literal('x') }), z.string()]),
  'an intersection': z.intersection(z.object({ a: z.string() }), z.object({ b: z.int() })),
  'text formats': z.object({ at: z.iso.datetime(), id: z.uuid(), mail: z.email(), link: z.url() }),
  'number limits': z.object({ a: z.number().gt(4).max(9), b: z.int().max(-3), c: z.int().multipleOf(5).min(7) }),
  null: z.object({ gone: z.null(), maybe: z.string().nullable() }),
};

describe('minimal instance of a schema', () => {
  it.each(Object.keys(schemas))('fits the schema: %s', (name) => {
    const schema = schemas[name];
    expect(schema?.safeParse(minimalInstance(schema === undefined ? {} : z.toJSONSchema(schema)))).toMatchObject({
      success: true,
    });
  });

  it('holds required members only', () => {
    expect(
      minimalInstance({ type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['b'] }),
    ).toEqual({ b: 'text' });
  });

  it('follows local references and ends where a schema contains itself', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: ['next'] };
    const instance = JSON.stringify(minimalInstance({ $ref: '#/$defs/node', $defs: { node } }));
    expect(instance).toContain('{"next":{"next":');
    expect(instance).toContain('null');
  });

  it.each([undefined, null, 'text', 3, [], true])('makes something of what is no schema: %s', (schema) => {
    expect(minimalInstance(schema)).toBeNull();
  });
});
