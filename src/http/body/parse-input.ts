import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { fieldPath, plainWords } from '../../contracts/field-faults.js';
import { AppError } from '../../kernel/app-error.js';
import { jsonSize } from '../../kernel/json-size.js';
import { parseInSlices } from './parse-in-slices.js';
import { forbiddenName, holdsNul, maxDepth, noObject, notJson, notUtf8, tooDeep, tooMany } from './refusals.js';

/**
 * More values no body of our own routes has, but an apply's. What parsing and checking cost goes by their number: so it stays
 * a small step, however many bytes a body has.
 */
const maxValues = 20_000;
/** An apply may name thousands of objects. It is parsed in slices. */
const maxValuesOfApply = 1_000_000;
const byteOrderMark = Buffer.from('\uFEFF');

/**
 * The body of one of our own routes, parsed and checked: unknown fields are refused, the first fault names its field.
 * @throws AppError invalid_request, missing_required_parameter, unsupported_parameter or invalid_value.
 */
export function parseBody<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S> {
  const bytes = request.body;
  return parseInput(Buffer.isBuffer(bytes) && bytes.length > 0 ? parseJson(bytes) : {}, schema);
}

/** The same for the body of an apply, which others do not wait for. */
export async function parseLargeBody<S extends z.ZodType>(request: FastifyRequest, schema: S): Promise<z.output<S>> {
  const bytes = request.body;
  return checked(Buffer.isBuffer(bytes) && bytes.length > 0 ? await parseInSlices(bytes, maxValuesOfApply) : {}, schema);
}

/** The query parameters, checked in the same way; one that is given twice is refused. */
export function parseQuery<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S> {
  return parseInput(request.query, schema);
}

/** JSON as an object: valid UTF-8, with or without a byte order mark, no `__proto__`, not too deep, not too many values. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw notUtf8();
  const { values, depth } = jsonSize(bytes, maxValues);
  if (values > maxValues) throw tooMany(maxValues);
  if (depth > maxDepth) throw tooDeep();
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8', startsWithMark(bytes) ? byteOrderMark.length : 0));
  } catch {
    throw notJson();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noObject();
  return value;
}

function startsWithMark(bytes: Buffer): boolean {
  return bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark);
}

function parseInput<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  refuseTexts(value);
  return checked(value, schema);
}

function checked<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw issue === undefined ? new AppError('invalid_request') : inputError(issue);
}

/** Refuses what no schema looks for: NUL in a text or a name, and the name `__proto__`. */
function refuseTexts(value: unknown): void {
  if (typeof value === 'string' && value.includes('\0')) throw holdsNul();
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') throw forbiddenName();
    if (name.includes('\0')) throw holdsNul();
    refuseTexts(member);
  }
}

/** What is said of a field that is not there: a text, one of several forms or one of several values was expected. */
const saysWhatIsMissing: ReadonlySet<string> = new Set(['invalid_type', 'invalid_union', 'invalid_value']);

/** The first fault of an input as the error that the caller gets; `param` is the path of the field. */
export function inputError(issue: z.core.$ZodIssue): AppError {
  const param = fieldPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const name = [param, issue.keys[0] ?? ''].filter((part) => part !== '').join('.');
    return new AppError('unsupported_parameter', { param: name, message: `Unknown parameter: '${name}'.` });
  }
  if (saysWhatIsMissing.has(issue.code) && issue.input === undefined) {
    return new AppError('missing_required_parameter', { param, message: `Missing required parameter: '${param}'.` });
  }
  return new AppError('invalid_value', {
    param: param === '' ? null : param,
    message: `Invalid value for '${param}': ${plainWords(issue.message)}.`,
  });
}
