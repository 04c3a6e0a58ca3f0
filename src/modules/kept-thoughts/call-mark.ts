import { hash } from 'node:crypto';
import { isFields } from '../../kernel/fields.js';
import { jsonSize } from '../../kernel/json-size.js';
import { parsedOrUndefined } from '../../kernel/parse-json.js';
import type { CallOrigin, ToolCall } from './tool-call.js';

/** Larger inputs are told apart by how they are written. */
const maxValues = 10_000;
const maxDepth = 256;

/**
 * The name under which something is kept with a call: a digest of the key, the connection, the model and the call. Some
 * providers give the same ids in all conversations (`search:0`), so the id alone does not say which call is meant. Clients
 * print arguments in their own way: what says the same has the same mark.
 */
export function callMark({ keyId, connectionId, model }: CallOrigin, { id, name, input }: ToolCall): string {
  return hash('sha256', JSON.stringify([keyId, connectionId, model, id, name, plainInput(input)]), 'hex');
}

function plainInput(input: string): string {
  if (input.trim() === '') return '{}';
  const { values, depth } = jsonSize(Buffer.from(input), maxValues);
  if (values > maxValues || depth > maxDepth) return input;
  const read = parsedOrUndefined(input);
  return read === undefined ? input : JSON.stringify(sorted(read));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map(sorted);
  if (!isFields(value)) return value;
  const members = Object.keys(value).sort();
  return Object.fromEntries(members.map((name) => [name, sorted(value[name])]));
}
