import type { AdminRole } from './roles.js';

/** Who speaks on the admin plane. */
export interface AdminIdentity {
  readonly role: AdminRole;
  /** The token's own tenant; null for operators, who name the tenant in each request. */
  readonly tenantId: string | null;
  readonly tokenId: string;
  readonly name: string;
}

/** Who acts in which tenant: the first argument of every service of the admin plane. */
export interface Actor {
  readonly tenantId: string;
  readonly role: AdminRole;
  /** Name and id of the token, for the audit. */
  readonly name: string;
  readonly requestId: string;
  /** The client's address in its normal form; null for what no request made: a command on the database, a job. */
  readonly address: string | null;
}

/** An operator who does something that belongs to no tenant, or to one that is not there yet. */
export type OperatorActor = Omit<Actor, 'tenantId' | 'role'>;
