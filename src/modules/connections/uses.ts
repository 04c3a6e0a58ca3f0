import { AppError } from '../../kernel/app-error.js';

/** Something that would break without the object it uses. */
export interface Use {
  readonly kind: 'endpoint' | 'dataset' | 'vector store' | 'setting' | 'agent';
  readonly name: string;
}

const mostShown = 5;

/**
 * Refuses a change of an object that others use.
 * @param what the beginning of the sentence: `The connection`.
 * @throws AppError conflict, naming the first of the users.
 */
export function refuseWhileUsed(what: string, uses: readonly Use[]): void {
  if (uses.length === 0) return;
  const names = uses.map(({ kind, name }) => `${kind} "${name}"`);
  const more = names.length > mostShown ? ` and ${names.length - mostShown} more` : '';
  throw new AppError('conflict', { message: `${what} is still used by: ${names.slice(0, mostShown).join(', ')}${more}.` });
}
