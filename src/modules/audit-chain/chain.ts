/** A chain of the audit: a tenant's, or, without one, the operators'. */
export interface Chain {
  readonly tenantId: string | null;
}

/** What a chain is called in tables and in the object store. */
export function chainName({ tenantId }: Chain): string {
  return tenantId ?? 'operators';
}

/** Where the rows of a chain stand; `$1` of a statement is the chain's name. */
export function rowsOf({ tenantId }: Chain): { readonly table: string; readonly where: string } {
  return tenantId === null
    ? { table: 'operator_audit', where: `$1::text = 'operators'` }
    : { table: 'audit', where: 'a.tenant_id = $1' };
}

/** All columns of a row `a` but the chain's own, as JSON; the time in one form, whatever the session's zone is. */
export const rowAsJson = `
  (to_jsonb(a) - 'seq' - 'hash'
    || jsonb_build_object('created_at', to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))`;
