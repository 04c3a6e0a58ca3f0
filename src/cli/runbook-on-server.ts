import { setTimeout as wait } from 'node:timers/promises';
import { runbookRunObject, type RunbookRunObject } from '../contracts/runbook-runs.js';
import type { RunbookVerification } from '../contracts/runbook-verifications.js';
import { remark, type CliContext } from './cli-context.js';
import { CliError } from './cli-error.js';
import { tenantQueryOf } from './resource-commands.js';
import { stepLines } from './runbook-report.js';
import { printable } from './table.js';

const askEveryMs = 500;
/** Longer than three attempts may take. */
const longestMs = 1_200_000;
/** A run that nobody takes for so long waits for a worker that is not there. */
const untakenMs = 10_000;

/** What may be asked of a run beside the product. */
export interface AskedRun {
  readonly model?: string | undefined;
  readonly embed_model?: string | undefined;
  readonly dataset?: string | undefined;
}

/**
 * Has a worker of the platform verify a runbook, and tells each step when it is over.
 * @throws CliError when the platform refuses or the run could not be made.
 */
export async function verifyOnServer(context: CliContext, product: string, asked: AskedRun): Promise<RunbookVerification> {
  const query = tenantQueryOf(context, 'runbooks.verify');
  const begun = runbookRunObject.parse(await context.http.call('runbooks.verify', { id: product, query, body: asked }));
  remark(context, `The run ${begun.id} is queued.`);
  const run = await ended(context, begun);
  if (run.verification === null) throw new CliError(1, [`The run ${run.id} failed: ${run.error ?? 'nobody knows why.'}`]);
  return run.verification;
}

async function ended(context: CliContext, begun: RunbookRunObject): Promise<RunbookRunObject> {
  const query = tenantQueryOf(context, 'runbook-runs.get');
  const startedAt = performance.now();
  const isLate = (limitMs: number): boolean => performance.now() - startedAt > limitMs;
  let known = begun;
  let told = 0;
  let hasWarned = false;
  while (known.finished_at === null) {
    if (isLate(longestMs))
      throw new CliError(1, [`The run ${begun.id} has not ended: gt runbook run ${begun.id} shows it later.`]);
    await wait(askEveryMs);
    const seen = runbookRunObject.parse(await context.http.call('runbook-runs.get', { id: begun.id, query }));
    if (seen.attempts !== known.attempts && known.attempts > 0) {
      remark(context, 'Its worker was interrupted: it is begun anew.');
      told = 0;
    }
    for (const step of seen.steps.slice(told)) remark(context, stepLines(step).map(printable).join('\n'));
    told = Math.max(told, seen.steps.length);
    known = seen;
    if (!hasWarned && known.status === 'queued' && isLate(untakenMs)) {
      hasWarned = true;
      remark(context, 'No worker has taken it yet: does one run?');
    }
  }
  return known;
}
