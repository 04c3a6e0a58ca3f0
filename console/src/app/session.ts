import { adminRoles } from 'virtual:facts';
import { queryClient, useCall } from '../api/queries.js';
import { ApiFault } from '../api/fault.js';
import { call, type AdminRouteId, type Reply } from '../api/call.js';
import { actingTenant } from '../api/tenant.js';
import { admin } from 'virtual:facts';

export type Session = Reply<'session.get'>;

const key = ['session.get', null, null, null];

/** Who is signed in; null when nobody is. */
export async function readSession(): Promise<Session | null> {
  try {
    return await queryClient.fetchQuery({ queryKey: key, queryFn: () => call('session.get'), staleTime: 30_000 });
  } catch (error) {
    if (error instanceof ApiFault && [401, 403].includes(error.status)) return null;
    throw error;
  }
}

/** Forgets everything that was read as whoever was signed in. */
export function forgetSession(): void {
  queryClient.clear();
}

/** Who is signed in, within the pages that need somebody. */
export function useSession(): Session {
  const { data } = useCall('session.get', {}, { every: 60_000 });
  if (data === undefined) throw new Error('There is no session.');
  return data;
}

/** Whether whoever is signed in may call a route: a page shows nothing that would be refused. */
export function useMay(): (id: AdminRouteId) => boolean {
  const { role } = useSession();
  return (id) => {
    const needed = admin[id].role;
    return needed === 'anyone' || adminRoles.indexOf(role) >= adminRoles.indexOf(needed);
  };
}

/** The slug of the tenant that is looked at; undefined for an operator who has chosen none. */
export function useTenantSlug(): string | undefined {
  return useSession().tenant ?? actingTenant();
}
