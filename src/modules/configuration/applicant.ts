import type { AdminRole } from '../../catalog/admin/roles.js';

/** Who hands in a file: an operator, or a member of one tenant. */
export interface Applicant {
  readonly role: AdminRole;
  /** A member's own tenant; null for operators. */
  readonly tenantId: string | null;
  /** Name and id of the token, for the audit. */
  readonly name: string;
  readonly requestId: string;
}
