import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A schema of OpenAI's description, reduced to names, types and required members. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

type Schemas = Readonly<Record<string, Schema>>;

const file = fileURLToPath(new URL('../../../shared/openai-schemas.json', import.meta.url));

/** What is held against replies where OpenAI's own description is not at hand: the members that each must have. */
const ownList: Readonly<Record<string, readonly string[]>> = {
  CreateChatCompletionResponse: ['id', 'object', 'created', 'model', 'choices'],
  CreateChatCompletionStreamResponse: ['id', 'object', 'created', 'model', 'choices'],
  CreateCompletionResponse: ['id', 'object', 'created', 'model', 'choices'],
  CreateEmbeddingResponse: ['object', 'model', 'data', 'usage'],
  CreateModerationResponse: ['id', 'model', 'results'],
  CreateSpeechResponseStreamEvent: ['type'],
  ImagesResponse: ['created'],
  ImageGenStreamEvent: ['type', 'b64_json'],
  ListModelsResponse: ['object', 'data'],
  Model: ['id', 'object', 'created', 'owned_by'],
  ErrorResponse: ['error'],
  ConversationResource: ['id', 'object', 'metadata', 'created_at'],
  DeletedConversationResource: ['object', 'deleted', 'id'],
  ConversationItemList: ['object', 'data', 'has_more', 'first_id', 'last_id'],
  ConversationItem: ['type'],
  Response: [
    'id',
    'object',
    'created_at',
    'error',
    'incomplete_details',
    'instructions',
    'model',
    'tools',
    'output',
    'parallel_tool_calls',
    'metadata',
    'tool_choice',
    'temperature',
    'top_p',
  ],
  ResponseStreamEvent: ['type', 'sequence_number'],
};

const schemas = readSchemas();

/**
 * What is wrong with a value as this reply of OpenAI's API: paths with their fault, empty when nothing is. Without the
 * description beside the repository only the required members are looked at; the run says so.
 */
export function faultsOf(schema: string, value: unknown): string[] {
  if (schemas !== undefined) return faults(schemas, { $ref: `#/components/schemas/${schema}` }, value, schema);
  const required = ownList[schema];
  if (required === undefined) throw new Error(`No list of required members for ${schema}.`);
  return faults({}, { type: 'object', required }, value, schema);
}

function readSchemas(): Schemas | undefined {
  if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { readonly schemas: Schemas }).schemas;
  process.stdout.write("OpenAI's description is not beside the repository: replies are checked for required members only.\n");
  return undefined;
}

function faults(all: Schemas, schema: Schema, value: unknown, path: string): string[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    const named = all[name];
    if (named === undefined) throw new Error(`The schema ${name} is not in the description.`);
    return value === null && schema.nullable === true ? [] : faults(all, named, value, path);
  }
  if (value === null && schema.nullable === true) return [];
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return fewestFaults(alternatives.map((one) => faults(all, one, value, path)));
  const found = (schema.allOf ?? []).flatMap((one) => faults(all, one, value, path));
  if (schema.enum !== undefined && !schema.enum.includes(value)) found.push(`${path} is ${JSON.stringify(value)}`);
  if (!fitsType(schema, value)) return [...found, `${path} is no ${String(schema.type)}`];
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined) value.forEach((item, at) => found.push(...faults(all, items, item, `${path}[${at}]`)));
  } else if (typeof value === 'object' && value !== null)
    found.push(...memberFaults(all, schema, value as Record<string, unknown>, path));
  return found;
}

function memberFaults(all: Schemas, schema: Schema, value: Record<string, unknown>, path: string): string[] {
  const found = (schema.required ?? []).filter((name) => value[name] === undefined).map((name) => `${path}.${name} is missing`);
  for (const [name, member] of Object.entries(value)) {
    const known =
      schema.properties?.[name] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    if (known !== undefined && member !== undefined) found.push(...faults(all, known, member, `${path}.${name}`));
    else if (schema.additionalProperties === false) found.push(`${path}.${name} is unknown`);
  }
  return found;
}

function fitsType(schema: Schema, value: unknown): boolean {
  const type = schema.type ?? (schema.properties === undefined ? undefined : 'object');
  switch (type) {
    case undefined:
      return true;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

function fewestFaults(candidates: readonly string[][]): string[] {
  return candidates.reduce((best, one) => (one.length < best.length ? one : best));
}
