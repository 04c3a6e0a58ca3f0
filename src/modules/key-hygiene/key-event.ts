import type { KeyEventObject } from '../../contracts/key-events.js';
import { toUnixSeconds } from '../../contracts/times.js';

/** What of a key's row its events tell. */
export interface EventKey {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly expiresAt: Date | null;
}

/** What webhooks are told of a key. */
export function keyEventOf(
  { id, name, state, expiresAt }: EventKey,
  more: Partial<Pick<KeyEventObject, 'days_left' | 'leak'>> = {},
): KeyEventObject {
  const isOver = state !== 'revoked' && expiresAt !== null && expiresAt.getTime() <= Date.now();
  return {
    object: 'key_event',
    id,
    name,
    state: (isOver ? 'expired' : state) as KeyEventObject['state'],
    expires_at: expiresAt === null ? null : toUnixSeconds(expiresAt),
    days_left: null,
    leak: null,
    ...more,
  };
}
