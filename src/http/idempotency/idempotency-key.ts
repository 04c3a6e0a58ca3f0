import { AppError } from '../../kernel/app-error.js';

const form = /^[\x21-\x7e]{1,255}$/;

/** True for the text that an `Idempotency-Key` header may hold. */
export function isIdempotencyKey(header: unknown): header is string {
  return typeof header === 'string' && form.test(header);
}

/** The refusal (400) of any other text. */
export function malformedKey(): AppError {
  return new AppError('invalid_value', {
    param: 'idempotency-key',
    message: 'The header Idempotency-Key must hold 1 to 255 visible ASCII characters.',
  });
}
