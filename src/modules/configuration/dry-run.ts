import type { ApplyResult } from '../../contracts/platform-file.js';
import type { Transaction } from '../../platform/database/tenant-database.js';

type Work = (tx: Transaction) => Promise<readonly ApplyResult[]>;

/** Ends the transaction of a dry run: all of it is undone, and what it would have done goes out with this. */
class DryRunEnd extends Error {
  constructor(readonly results: readonly ApplyResult[]) {
    super('dry run');
  }
}

/**
 * What one transaction has done, or would have done: that of a dry run is undone.
 * @param open runs the work in a transaction, as a whole or not at all.
 */
export async function appliedIn(
  open: (work: Work) => Promise<readonly ApplyResult[]>,
  work: Work,
  isDryRun: boolean,
): Promise<readonly ApplyResult[]> {
  try {
    return await open(async (tx) => {
      const results = await work(tx);
      if (isDryRun) throw new DryRunEnd(results);
      return results;
    });
  } catch (error) {
    if (error instanceof DryRunEnd) return error.results.map(planned);
    throw error;
  }
}

/** What a dry run tells: nothing that was made and undone again has an id or a secret. */
function planned({ secret: _secret, ...result }: ApplyResult): ApplyResult {
  return result.action === 'created' ? { ...result, id: null } : result;
}
