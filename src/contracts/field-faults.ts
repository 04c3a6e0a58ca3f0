import type { z } from 'zod';

/** One fault of an input: the path of its field, and a sentence about it without a full stop. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

/** A path as people write it: `tenants[0].keys[1].preset`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${String(part)}`)).join('');
}

/** All faults that a schema found, in their order. Needs `reportInput`, otherwise a missing field is reported as a wrong type. */
export function fieldFaults(error: z.ZodError): FieldFault[] {
  return error.issues.flatMap((issue) => {
    const path = fieldPath(issue.path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: path === '' ? key : `${path}.${key}`, message: 'is not known here' }));
    }
    if ((issue.code === 'invalid_type' || issue.code === 'invalid_value') && issue.input === undefined)
      return [{ path, message: 'is missing' }];
    if (issue.code === 'invalid_union' && issue.errors.length > 0)
      return [{ path, message: issue.message === 'Invalid input' ? alternatives(issue.errors) : issue.message }];
    return [{ path, message: lowered(issue.message) }];
  });
}

function alternatives(errors: readonly (readonly z.core.$ZodIssue[])[]): string {
  return [...new Set(errors.flatMap(([first]) => (first === undefined ? [] : [lowered(first.message)])))].join('; or ');
}

/** What zod says of a text that should be a number, in words for people. */
export function plainWords(message: string): string {
  return message.replace(/^Invalid input: expected (?:number|int), received NaN$/, 'must be a number');
}

/** zod's own sentences as a continuation of "the field …". */
function lowered(text: string): string {
  const options = /^Invalid option: expected one of (.*)$/.exec(text)?.[1];
  if (options !== undefined) return `must be one of ${options.replaceAll('"', '').replaceAll('|', ', ')}`;
  return plainWords(text)
    .replace(/^Invalid input: expected /, 'must be of the type ')
    .replace(/^Invalid /, 'is not valid: ')
    .replace(/^Too /, 'is too ');
}
