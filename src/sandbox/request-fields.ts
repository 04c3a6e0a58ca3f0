import { badRequest, missingParameter, wrongType } from './errors.js';

/** A JSON object whose members have not been looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The request's body as a JSON object.
 * @throws SandboxError 400 in OpenAI's words when it is none.
 */
export function readBody(body: Buffer): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw badRequest(
      'We could not parse the JSON body of your request. (HINT: This likely means you aren’t sending valid JSON.)',
      null,
      null,
    );
  }
  if (!isObject(value)) throw badRequest('The JSON body of your request must be an object.', null, null);
  return value;
}

/** True unless the bytes cannot hold a command: the cheap look that saves plain requests every further search. */
export function mayHoldCommands(body: Buffer): boolean {
  return body.includes('[[');
}

/** The name in `model`. Every name is accepted, none is not. */
export function readModel(body: JsonObject): string {
  const { model } = body;
  if (model === undefined || model === '') throw badRequest('you must provide a model parameter', null, null);
  if (typeof model !== 'string') throw wrongType('model', 'a string', model);
  return model;
}

/** The dated name that the sandbox answers with, as real providers do. */
export function datedModel(model: string): string {
  return `${model}-2026-01-01`;
}

/** A boolean member, or the fallback when it is absent or null. */
export function readBoolean(body: JsonObject, name: string, fallback: boolean): boolean {
  const value = body[name] ?? fallback;
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean', value);
  return value;
}

/** A whole number within [smallest, largest], or undefined when it is absent or null. */
export function readInteger(body: JsonObject, name: string, smallest: number, largest: number): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(name, 'an integer', value);
  if (value < smallest) {
    throw badRequest(
      `Invalid '${name}': integer below minimum value. Expected a value >= ${smallest}, but got ${value} instead.`,
      name,
      'integer_below_min_value',
    );
  }
  if (value > largest) {
    throw badRequest(
      `Invalid '${name}': integer above maximum value. Expected a value <= ${largest}, but got ${value} instead.`,
      name,
      'integer_above_max_value',
    );
  }
  return value;
}

/** Refuses a sampling number outside [smallest, largest]; the sandbox has no use for its value. */
export function checkNumber(body: JsonObject, name: string, smallest: number, largest: number): void {
  const value = body[name] ?? undefined;
  if (value === undefined) return;
  if (typeof value !== 'number') throw wrongType(name, 'a decimal number', value);
  if (value < smallest || value > largest) {
    throw badRequest(
      `Invalid '${name}': expected a value from ${smallest} to ${largest}, but got ${value} instead.`,
      name,
      'invalid_value',
    );
  }
}

/** The stop sequences: a string or up to four of them. */
export function readStop(body: JsonObject): readonly string[] {
  const value = body['stop'] ?? [];
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (!Array.isArray(value)) throw wrongType('stop', 'a string or an array of strings', value);
  if (value.length > 4)
    throw badRequest("Invalid 'stop': array too long. Expected at most 4 items.", 'stop', 'array_above_max_length');
  return value.map((entry: unknown, index) => {
    if (typeof entry !== 'string') throw wrongType(`stop[${index}]`, 'a string', entry);
    return entry;
  });
}

/** Whether the stream's usage was asked for. */
export function readIncludeUsage(body: JsonObject, stream: boolean): boolean {
  const options = body['stream_options'] ?? undefined;
  if (options === undefined) return false;
  if (!isObject(options)) throw wrongType('stream_options', 'an object', options);
  if (!stream) {
    throw badRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options', null);
  }
  return readBoolean(options, 'include_usage', false);
}

/** A text, several texts, token ids or several lists of them: what `input` and `prompt` may be. */
export type TextsOrTokens = readonly (string | readonly number[])[];

/**
 * The member as a list of texts or token lists, whatever of the four forms it has.
 * @throws SandboxError 400 when it is absent, empty or has another form.
 */
export function readTextsOrTokens(body: JsonObject, name: string): TextsOrTokens {
  const value = body[name];
  if (value === undefined) throw missingParameter(name);
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) throw wrongType(name, 'a string, an array of strings, of token ids or of lists of token ids', value);
  if (value.length === 0) throw badRequest(`Invalid '${name}': empty array.`, name, 'empty_array');
  const list: readonly unknown[] = value;
  if (isTokenList(list)) return [list];
  return list.map((entry, index) => {
    if (typeof entry === 'string') return entry;
    if (Array.isArray(entry) && entry.length > 0 && isTokenList(entry)) return entry;
    throw wrongType(`${name}[${index}]`, 'a string or a list of token ids', entry);
  });
}

function isTokenList(value: readonly unknown[]): value is readonly number[] {
  return value.every((entry) => typeof entry === 'number' && Number.isInteger(entry) && entry >= 0);
}
