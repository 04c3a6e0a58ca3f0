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
  return parseInput(Buffer.isBuffer(bytes) && bytes.length > 0 ? parseJson(bytes) : {}, schema);
}

/** The query parameters, checked in the same way; one that is given twice is refused. */
export function parseQuery<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S> {
  return parseInput(request.query, schema);
}

/** JSON as an object: valid UTF-8, with or without a byte order mark, no `__proto__`, not too deep. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new AppError('invalid_request', { message: 'The request body is not valid UTF-8.' });
  let value: unknown;
  try {
    value = JSON.parse(
      bytes.toString('utf8', bytes.indexOf(byteOrderMark) === 0 ? byteOrderMark.length : 0),
      (key, member: unknown) => {
        if (key === '__proto__')
          throw new AppError('invalid_request', { message: 'The request body must not hold the key "__proto__".' });
        return member;
      },
    );
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('invalid_request', {
      message: 'We could not parse the JSON body of your request. The body must be one valid JSON object.',
    });
  }
  refuseDepth(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('invalid_request', { message: 'The request body must be a JSON object.' });
  }
  return value;
}

function refuseDepth(value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) throw new AppError('invalid_request', { message: 'The request body is nested too deeply.' });
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
}

function parseInput<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  refuseNul(value);
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw issue === undefined ? new AppError('invalid_request') : inputError(issue);
}

/** Postgres holds no NUL in a text; saying so here is kinder than a failing insert. */
function refuseNul(value: unknown): void {
  if (holdsNul(value)) throw new AppError('invalid_value', { message: 'Texts must not hold the character NUL.' });
}

function holdsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, member]) => name.includes('\0') || holdsNul(member));
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
