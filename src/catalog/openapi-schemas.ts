import type { ZodType } from 'zod';
import { jsonSchema } from './json-schema.js';

type Json = Record<string, unknown>;

/** The schemas of one document: those with an id stand in it once, under that name, and all others refer to them. */
export class OpenApiSchemas {
  readonly named: Json = {};

  /**
   * A schema as it stands in the document.
   * @throws Error when two schemas have one name.
   */
  of(schema: ZodType, io: 'input' | 'output'): Json {
    const { $defs = {}, ...body } = jsonSchema(schema, io) as { readonly $defs?: Json };
    for (const [name, definition] of Object.entries($defs)) this.name(name, referring(definition));
    return referring(body) as Json;
  }

  private name(name: string, definition: unknown): void {
    const text = JSON.stringify(definition);
    if (this.named[name] !== undefined && JSON.stringify(this.named[name]) !== text)
      throw new Error(`There are two schemas with the name ${name}, or one that is taken and answered in different forms.`);
    this.named[name] = definition;
  }
}

/** The same with references to where the document has its schemas. */
function referring(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/'));
}
