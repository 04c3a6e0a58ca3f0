import type { StatementObject } from '../../contracts/statements.js';
import type { Statement } from '../../modules/usage/statements.service.js';
import { presentAdminTotals } from './usage.presenter.js';

/** A tenant's month in the contract's form. */
export function presentStatement(tenant: string, { month, sinceMs, untilMs, lines, totals }: Statement): StatementObject {
  return {
    object: 'statement',
    tenant,
    month,
    since: sinceMs / 1000,
    until: untilMs / 1000,
    lines: [...lines],
    totals: presentAdminTotals(totals),
  };
}
