import { scopes, type Purpose, type Scope } from '../contracts/scopes.js';

/**
 * Which scopes a key of each purpose may hold itself. The rule behind the contract's sections 1 and 3: an upload key
 * is linked for its dataset scopes and so holds only those; a conversation key adds the conversations and takes all
 * else from its links; an inference key may hold anything, as the preset platform-automation does.
 */
const ownScopes: Readonly<Record<Purpose, (scope: Scope) => boolean>> = {
  inference: () => true,
  upload: (scope) => scope.startsWith('datasets:'),
  conversation: (scope) => scope.startsWith('conversations:'),
};

/** True when a key or preset of this purpose may hold the scope. */
export function fitsPurpose(purpose: Purpose, scope: Scope): boolean {
  return ownScopes[purpose](scope);
}

/** Every scope that a key or preset of this purpose may hold, in the table's order. */
export function scopesOfPurpose(purpose: Purpose): Scope[] {
  return scopes.filter((scope) => fitsPurpose(purpose, scope));
}

/** What a conversation key takes of the scopes of a key of this purpose that it links (contract section 1). */
export function passedOn(purpose: Purpose, held: readonly Scope[]): Scope[] {
  if (purpose === 'conversation') return [];
  return held.filter((scope) => scope.startsWith('datasets:') === (purpose === 'upload'));
}
