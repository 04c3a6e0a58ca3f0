import { runbookObject, type RunbookObject } from '../contracts/runbooks.js';
import type { CliContext } from './cli-context.js';
import { tenantQueryOf } from './resource-commands.js';

/**
 * A runbook as the platform fills it in. @param model the published name to fill in, where it is not the tenant's first.
 * @throws CliError when there is no such runbook, or the platform cannot be reached.
 */
export async function runbookOf(context: CliContext, product: string, model?: string): Promise<RunbookObject> {
  const query = { ...tenantQueryOf(context, 'runbooks.get'), model };
  return runbookObject.parse(await context.http.call('runbooks.get', { id: product, query }));
}
