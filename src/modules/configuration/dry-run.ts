import type { ApplyResult } from '../../contracts/platform-file.js';
import { doneOrUndone } from '../../platform/database/dry-run.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

type Work = (tx: Transaction) => Promise<readonly ApplyResult[]>;

/**
 * What one transaction of an apply has done, or would have done.
 * @param open runs the work in a transaction, as a whole or not at all.
 */
export async function appliedIn(
  open: (work: Work) => Promise<readonly ApplyResult[]>,
  work: Work,
  isDryRun: boolean,
): Promise<readonly ApplyResult[]> {
  const results = await doneOrUndone(open, work, isDryRun);
  return isDryRun ? results.map(planned) : results;
}

/** What a dry run tells: nothing that was made and undone again has an id or a secret. */
function planned({ secret: _secret, ...result }: ApplyResult): ApplyResult {
  return result.action === 'created' ? { ...result, id: null } : result;
}
