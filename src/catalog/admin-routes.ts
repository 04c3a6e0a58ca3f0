import type { AdminRouteRow } from './admin/admin-route-row.js';

/** Every route of the admin plane, `/api/admin/v1` (contract sections 2 and 10), each with the weakest role for it. */
export const adminRoutes = {} as const satisfies Record<string, AdminRouteRow>;

export type AdminRouteId = keyof typeof adminRoutes;

/** The row of an id, in the table's general type. */
export function adminRouteRow(id: AdminRouteId): AdminRouteRow {
  return adminRoutes[id];
}

export const adminRouteIds = Object.keys(adminRoutes) as unknown as readonly AdminRouteId[];
