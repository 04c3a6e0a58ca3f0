import { findRunbook, runbooks } from '../../src/catalog/runbooks/index.js';
import type { RunbookVerification } from '../../src/contracts/runbook-verifications.js';
import type { ClientRow } from '../../src/verification/run.js';
import { canBeEmulated } from '../../src/verification/verify.js';

export const clientRows: readonly ClientRow[] = runbooks.filter(canBeEmulated);

/** The row of a product that has a client. */
export function clientRow(slug: string): ClientRow {
  const row = findRunbook(slug);
  if (row === undefined || !canBeEmulated(row)) throw new Error(`${slug} has no client`);
  return row;
}

/** The rows whose clients differ in what a verification does: one of each sort. */
export function sampledRows(): readonly ClientRow[] {
  const sorts = new Map<string, ClientRow>();
  for (const row of clientRows) {
    const { joins, streaming, chat } = row.client;
    const sort = JSON.stringify([joins, streaming.use, chat.limit, row.preset]);
    if (!sorts.has(sort)) sorts.set(sort, row);
  }
  return [...sorts.values()];
}

/** The step that failed first: its id, its cause and its cure. */
export function faultOf({ steps }: RunbookVerification) {
  const step = steps.find(({ outcome }) => outcome === 'fail');
  return step === undefined ? undefined : { id: step.id, cause: step.cause, cure: step.cure };
}
