import type { AdminRole } from './roles.js';

/** Who speaks on the admin plane. */
export interface AdminIdentity {
  readonly role: AdminRole;
  /** The token's own tenant; null for operators, who name the tenant in each request. */
  readonly tenantId: string | null;
  /** The member who speaks; null for operators and for tokens that belong to no member. */
  readonly memberId: string | null;
  /** The token's id, or the session's. An operator's session has that of its token. */
  readonly tokenId: string;
  /** Set for whoever is signed in. */
  readonly sessionId?: string;
  /** The name of the token, or the e-mail address of the member who is signed in. */
  readonly name: string;
  /** The tenant is suspended: nothing is allowed until it is active again. */
  readonly isSuspended?: boolean;
}

/** Who acts in which tenant: the first argument of every service of the admin plane. */
export interface Actor {
  readonly tenantId: string;
  readonly role: AdminRole;
  /** Name and id of the token or session, for the audit. */
  readonly name: string;
  /** The member who acts; none for operators, for tokens that belong to no member, and for the platform's own work. */
  readonly memberId?: string | null;
  /** The member is signed in: no token acts. */
  readonly isSession?: boolean;
  readonly requestId: string;
  /** The client's address in its normal form; null for what no request made: a command on the database, a job. */
  readonly address: string | null;
}

/** An operator who does something that belongs to no tenant, or to one that is not there yet. */
export type OperatorActor = Omit<Actor, 'tenantId' | 'role'>;
