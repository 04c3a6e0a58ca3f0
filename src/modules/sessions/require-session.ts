import type { AdminIdentity } from '../../catalog/admin/admin-identity.js';
import { AppError } from '../../kernel/app-error.js';

type OfSession = AdminIdentity & { readonly sessionId: string };
type OfMember = OfSession & { readonly tenantId: string; readonly memberId: string };

/** Whoever asks with a session. @throws AppError session_required for a token. */
export function requireSession(identity: AdminIdentity): OfSession {
  const { sessionId } = identity;
  if (sessionId === undefined) throw new AppError('session_required');
  return { ...identity, sessionId };
}

/** The member who asks with a session. @throws AppError session_required for a token and for an operator. */
export function requireMember(identity: AdminIdentity): OfMember {
  const { tenantId, memberId, ...rest } = requireSession(identity);
  if (tenantId === null || memberId === null)
    throw new AppError('session_required', { message: 'This is for members: operators sign in with their token.' });
  return { ...rest, tenantId, memberId };
}
