import { AppError } from '../../../kernel/app-error.js';

/** An answer with a good status that is not what was asked for. @param what goes to the log alone: it may quote the provider. */
export function wrongAnswer(what: string): AppError {
  return new AppError('upstream_error', { message: 'The model provider answered with something unreadable.', cause: what });
}
