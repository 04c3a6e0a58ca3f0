import { AppError } from '../../kernel/app-error.js';

/** A JSON object whose members are not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of an item with a value that its type has not. */
export function invalidItem(param: string, what: string): AppError {
  return new AppError('invalid_value', { param, message: `Invalid value for '${param}': ${what}.` });
}

/** A member that the item's type asks for. */
export function missingMember(param: string): AppError {
  return new AppError('missing_required_parameter', { param, message: `Missing required parameter: '${param}'.` });
}
