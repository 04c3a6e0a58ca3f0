const place = 'gt-last-tenant';

/** The tenant of the last sign-in in this browser; it is no secret. */
export const lastTenant = (): string => localStorage.getItem(place) ?? '';

export const rememberTenant = (tenant: string): void => localStorage.setItem(place, tenant);
