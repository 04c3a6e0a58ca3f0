import { AppError } from '../../kernel/app-error.js';

/** A member of an item with a value that its type has not. */
export function invalidItem(param: string, what: string): AppError {
  return new AppError('invalid_value', { param, message: `Invalid value for '${param}': ${what}.` });
}

/** A member that the item's type asks for. */
export function missingMember(param: string): AppError {
  return new AppError('missing_required_parameter', { param, message: `Missing required parameter: '${param}'.` });
}
