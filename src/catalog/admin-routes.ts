import type { AdminRouteRow } from './admin/admin-route-row.js';
import { adminTokensAdminRoutes } from './admin/admin-tokens.js';
import { agentsAdminRoutes } from './admin/agents.js';
import { approvalsAdminRoutes } from './admin/approvals.js';
import { auditAdminRoutes } from './admin/audit.js';
import { budgetsAdminRoutes } from './admin/budgets.js';
import { connectionsAdminRoutes } from './admin/connections.js';
import { datasetsAdminRoutes } from './admin/datasets.js';
import { endpointsAdminRoutes } from './admin/endpoints.js';
import { filesAdminRoutes } from './admin/files.js';
import { keysAdminRoutes } from './admin/keys.js';
import { ledgerAdminRoutes } from './admin/ledger.js';
import { membersAdminRoutes } from './admin/members.js';
import { oidcAdminRoutes } from './admin/oidc.js';
import { platformFileAdminRoutes } from './admin/platform-file.js';
import { presetsAdminRoutes } from './admin/presets.js';
import { pricesAdminRoutes } from './admin/prices.js';
import { recordsAdminRoutes } from './admin/records.js';
import { requestsAdminRoutes } from './admin/requests.js';
import { runbooksAdminRoutes } from './admin/runbooks.js';
import { sealingKeysAdminRoutes } from './admin/sealing-keys.js';
import { signInAdminRoutes } from './admin/sign-in.js';
import { tenantsAdminRoutes } from './admin/tenants.js';
import { webhooksAdminRoutes } from './admin/webhooks.js';

/** Every route of the admin plane, `/api/admin/v1` (contract sections 2 and 10), each with the weakest role for it. */
export const adminRoutes = {
  ...tenantsAdminRoutes,
  ...signInAdminRoutes,
  ...oidcAdminRoutes,
  ...membersAdminRoutes,
  ...adminTokensAdminRoutes,
  ...connectionsAdminRoutes,
  ...datasetsAdminRoutes,
  ...filesAdminRoutes,
  ...recordsAdminRoutes,
  ...auditAdminRoutes,
  ...requestsAdminRoutes,
  ...agentsAdminRoutes,
  ...endpointsAdminRoutes,
  ...keysAdminRoutes,
  ...presetsAdminRoutes,
  ...pricesAdminRoutes,
  ...budgetsAdminRoutes,
  ...ledgerAdminRoutes,
  ...approvalsAdminRoutes,
  ...runbooksAdminRoutes,
  ...platformFileAdminRoutes,
  ...webhooksAdminRoutes,
  ...sealingKeysAdminRoutes,
} as const satisfies Record<string, AdminRouteRow>;

export type AdminRouteId = keyof typeof adminRoutes;

/** The row of an id, in the table's general type. */
export function adminRouteRow(id: AdminRouteId): AdminRouteRow {
  return adminRoutes[id];
}

export const adminRouteIds = Object.keys(adminRoutes) as unknown as readonly AdminRouteId[];
