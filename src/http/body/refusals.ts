import { AppError } from '../../kernel/app-error.js';

/** How deep a body of our own routes may nest. */
export const maxDepth = 64;

export function notUtf8(): AppError {
  return new AppError('invalid_request', { message: 'The request body is not valid UTF-8.' });
}

export function notJson(): AppError {
  return new AppError('invalid_request', {
    message: 'We could not parse the JSON body of your request. The body must be one valid JSON object.',
  });
}

export function noObject(): AppError {
  return new AppError('invalid_request', { message: 'The request body must be a JSON object.' });
}

export function tooDeep(): AppError {
  return new AppError('invalid_request', { message: 'The request body is nested too deeply.' });
}

export function tooMany(most: number): AppError {
  return new AppError('invalid_request', { message: `The request body holds more than ${most} values.` });
}

export function forbiddenName(): AppError {
  return new AppError('invalid_request', { message: 'The request body must not hold the key "__proto__".' });
}

/** Postgres holds no NUL in a text; saying so here is kinder than a failing insert. */
export function holdsNul(): AppError {
  return new AppError('invalid_value', { message: 'Texts must not hold the character NUL.' });
}
