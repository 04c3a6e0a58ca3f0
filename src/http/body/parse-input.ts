import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { fieldPath, plainWords } from '../../contracts/field-faults.js';
import { AppError } from '../../kernel/app-error.js';

const maxDepth = 64;
const byteOrderMark = Buffer.from('\uFEFF');

/**
 * The body of one of our own routes, parsed and checked: unknown fields are refused, the first fault names its field.
 * @throws AppError invalid_request, missing_required_parameter, unsupported_parameter or invalid_value.
 */
export function parseBody<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S> {
  const bytes = request.body;
  return checked(Buffer.isBuffer(bytes) && bytes.length > 0 ? parseJson(bytes) : {}, schema);
}

/** The query parameters, checked in the same way; one that is given twice is refused. */
export function parseQuery<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S> {
  refuseForm(request.query, true);
  return checked(request.query, schema);
}

/** JSON as an object: valid UTF-8, with or without a byte order mark, no `__proto__`, no NUL, not too deep. */
export function parseJson(bytes: Buffer): object {
  if (!isUtf8(bytes)) throw new AppError('invalid_request', { message: 'The request body is not valid UTF-8.' });
  const start = bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? byteOrderMark.length : 0;
  const text = bytes.toString('utf8', start);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError('invalid_request', {
      message: 'We could not parse the JSON body of your request. The body must be one valid JSON object.',
    });
  }
  // A NUL stands in JSON by its escape alone, and hardly ever.
  refuseForm(value, text.includes('\\u0000'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('invalid_request', { message: 'The request body must be a JSON object.' });
  }
  return value;
}

/** Looks once through all members, level by level: a body may have a million of them. */
function refuseForm(value: unknown, mayHoldNul: boolean): void {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: unknown[] = [];
    const look = (member: unknown): void => {
      if (depth >= maxDepth) throw new AppError('invalid_request', { message: 'The request body is nested too deeply.' });
      if (typeof member === 'object' && member !== null) next.push(member);
      else if (mayHoldNul) refuseNul(member);
    };
    for (const item of level) {
      if (Array.isArray(item)) for (const member of item) look(member);
      else
        for (const [name, member] of namedMembers(item)) {
          if (name === '__proto__')
            throw new AppError('invalid_request', { message: 'The request body must not hold the key "__proto__".' });
          if (mayHoldNul) refuseNul(name);
          look(member);
        }
    }
    level = next;
  }
}

function namedMembers(item: unknown): [string, unknown][] {
  return typeof item === 'object' && item !== null ? Object.entries(item) : [];
}

/** Postgres holds no NUL in a text; saying so here is kinder than a failing insert. */
function refuseNul(text: unknown): void {
  if (typeof text === 'string' && text.includes('\0'))
    throw new AppError('invalid_value', { message: 'Texts must not hold the character NUL.' });
}

function checked<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw issue === undefined ? new AppError('invalid_request') : inputError(issue);
}

/** The first fault of an input as the error that the caller gets; `param` is the path of the field. */
export function inputError(issue: z.core.$ZodIssue): AppError {
  const param = fieldPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const name = [param, issue.keys[0] ?? ''].filter((part) => part !== '').join('.');
    return new AppError('unsupported_parameter', { param: name, message: `Unknown parameter: '${name}'.` });
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return new AppError('missing_required_parameter', { param, message: `Missing required parameter: '${param}'.` });
  }
  return new AppError('invalid_value', {
    param: param === '' ? null : param,
    message: `Invalid value for '${param}': ${plainWords(issue.message)}.`,
  });
}
