import { AppError } from '../../kernel/app-error.js';

/** What is not there, is another tenant's, or is a dataset that the key may not read or that is to be changed. */
export function noStore(param = 'vector_store_id'): AppError {
  return new AppError('not_found', { param, message: 'No such vector store.' });
}

/** What an expired store is not for any more. */
export function hasExpired(param = 'vector_store_id'): AppError {
  return new AppError('invalid_value', { param, message: 'This vector store has expired.' });
}
