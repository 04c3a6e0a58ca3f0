import { z, type ZodType } from 'zod';

/** The JSON schema of what is taken (`input`) or answered (`output`), without the name of its dialect. */
export function jsonSchema(schema: ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
