import type { AdminToken, Member } from '../../platform/database/generated/client.js';

interface OfTenant {
  readonly tenant: { readonly slug: string };
}

/** A member's row and the slug of the tenant. */
export type MemberRecord = Member & OfTenant;

/** A token's row and the slug of the tenant. Holds the hash of the secret: only presenters show what may be shown. */
export type AdminTokenRecord = AdminToken & OfTenant;
