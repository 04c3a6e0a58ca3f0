/** In which tenant an operator acts, in this tab of the browser. Everybody else has the tenant of the session. */
const place = 'gt-acting-tenant';

export function actingTenant(): string | undefined {
  return sessionStorage.getItem(place) ?? undefined;
}

export function actIn(tenant: string | undefined): void {
  if (tenant === undefined) sessionStorage.removeItem(place);
  else sessionStorage.setItem(place, tenant);
}
