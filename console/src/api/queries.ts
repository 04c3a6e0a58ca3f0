import { keepPreviousData, QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { admin } from 'virtual:facts';
import { toast } from 'sonner';
import { call, type AdminRouteId, type CallInput, type Reply } from './call.js';
import { ApiFault } from './fault.js';
import { actingTenant } from './tenant.js';

/** What is known of the platform, in the memory of the page. An answer that would be the same again is not asked for again. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && error instanceof ApiFault && (error.status === 0 || error.status >= 500),
    },
  },
});

const keyOf = <Id extends AdminRouteId>(id: Id, input: CallInput<Id>) => [
  id,
  // What belongs to the whole platform, the session above all, is the same in every tenant.
  admin[id].plane === 'tenant' ? (actingTenant() ?? null) : null,
  input.id ?? null,
  input.query ?? null,
];

interface Options {
  readonly enabled?: boolean;
  /** Asks again every so many milliseconds, while the page is looked at. */
  readonly every?: number;
  /** Shows the last answer while another page or filter of the same list is on its way. */
  readonly keep?: boolean;
}

/** What a route answers, kept up to date. */
export function useCall<Id extends AdminRouteId>(id: Id, input: CallInput<Id> = {}, { enabled, every, keep }: Options = {}) {
  return useQuery<Reply<Id>, ApiFault>({
    queryKey: keyOf(id, input),
    queryFn: ({ signal }) => call(id, { ...input, signal }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(every === undefined ? {} : { refetchInterval: every }),
    ...(keep === true ? { placeholderData: keepPreviousData } : {}),
  });
}

/** The first segment of a route's path: what a change of it makes stale. */
const rootOf = (id: AdminRouteId) => admin[id].path.split('/')[1] ?? '';

/**
 * Something that changes the platform. What was read of the same part of it is read again afterwards, and of those that `also` names.
 * @param done what is told when it has worked; nothing without it.
 */
export function useChange<Id extends AdminRouteId>(
  id: Id,
  { done, also = [] }: { done?: string; also?: readonly string[] } = {},
) {
  const client = useQueryClient();
  return useMutation<Reply<Id>, ApiFault, CallInput<Id>>({
    mutationFn: (input) => call(id, input),
    onSuccess: async () => {
      if (done !== undefined) toast.success(done);
      const stale = new Set([rootOf(id), ...also]);
      await client.invalidateQueries({ predicate: ({ queryKey }) => stale.has(rootOf(queryKey[0] as AdminRouteId)) });
    },
  });
}
