import { isFields } from '../../../../kernel/fields.js';

/** The role of a message; undefined for what is no message. */
export function roleOf(message: unknown): string | undefined {
  return isFields(message) && typeof message['role'] === 'string' ? message['role'] : undefined;
}
