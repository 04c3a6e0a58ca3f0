import { budgetObject, createBudgetRequest, listBudgetsQuery, updateBudgetRequest } from '../../contracts/budgets.js';
import { deletedObject, listOf, tenantQuery } from '../../contracts/lists.js';
import type { AdminRouteRow } from './admin-route-row.js';

/** Budgets: owners set what their tenant's calls may take. */
export const budgetsAdminRoutes = {
  'budgets.list': {
    method: 'GET',
    path: '/budgets',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: listBudgetsQuery,
    response: listOf(budgetObject),
    status: 200,
    summary: "Lists a tenant's budgets with what is left of them",
  },
  'budgets.create': {
    method: 'POST',
    path: '/budgets',
    role: 'owner',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: createBudgetRequest,
    response: budgetObject,
    status: 201,
    summary: 'Creates a budget of a tenant, a key or an endpoint',
  },
  'budgets.get': {
    method: 'GET',
    path: '/budgets/{id}',
    role: 'viewer',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: budgetObject,
    status: 200,
    summary: 'Shows a budget with what is left of it',
  },
  'budgets.update': {
    method: 'PATCH',
    path: '/budgets/{id}',
    role: 'owner',
    plane: 'tenant',
    body: 'json',
    query: tenantQuery,
    request: updateBudgetRequest,
    response: budgetObject,
    status: 200,
    summary: 'Changes a budget',
  },
  'budgets.delete': {
    method: 'DELETE',
    path: '/budgets/{id}',
    role: 'owner',
    plane: 'tenant',
    body: 'none',
    query: tenantQuery,
    response: deletedObject,
    status: 200,
    summary: 'Deletes a budget with what is counted of it',
  },
} as const satisfies Record<string, AdminRouteRow>;
