import type { OperatorActor } from '../../catalog/admin/admin-identity.js';
import type { AdminRole } from '../../catalog/admin/roles.js';

/** Who hands in a file: an operator, or a member of one tenant. */
export interface Applicant extends OperatorActor {
  readonly role: AdminRole;
  /** A member's own tenant; null for operators. */
  readonly tenantId: string | null;
}
