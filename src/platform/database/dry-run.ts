import type { Transaction } from './tenant-database.js';

/** Ends the transaction of a dry run: all of it is undone, and what it would have given goes out with this. */
class DryRunEnd extends Error {
  constructor(readonly result: unknown) {
    super('dry run');
  }
}

/**
 * What one transaction gives, or would give: that of a dry run is undone.
 * @param open runs the work in a transaction, as a whole or not at all.
 */
export async function doneOrUndone<R>(
  open: (work: (tx: Transaction) => Promise<R>) => Promise<R>,
  work: (tx: Transaction) => Promise<R>,
  isDryRun: boolean,
): Promise<R> {
  try {
    return await open(async (tx) => {
      const result = await work(tx);
      if (isDryRun) throw new DryRunEnd(result);
      return result;
    });
  } catch (error) {
    if (error instanceof DryRunEnd) return error.result as R;
    throw error;
  }
}
