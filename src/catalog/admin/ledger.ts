import { checkLedgerQuery, ledgerCheckObject, ledgerEntryObject, listLedgerQuery } from '../../contracts/ledger.js';
import { listOf } from '../../contracts/lists.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** The ledger of budgets. Nobody writes it here. A check reads all of it, so it is not for everybody. */
export const ledgerAdminRoutes = {
  'ledger.list': {
    method: 'GET',
    path: '/ledger',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: listLedgerQuery,
    response: listOf(ledgerEntryObject),
    status: 200,
    summary: 'Lists what budgets reserved for calls, and what became of it',
  },
  'ledger.check': {
    method: 'GET',
    path: '/ledger/check',
    role: 'owner',
    plane: 'tenant',
    body: 'none',
    query: checkLedgerQuery,
    response: ledgerCheckObject,
    status: 200,
    summary: 'Proves that reservations, what calls took and usage records agree',
  },
} as const satisfies Record<string, AdminRouteRow>;
