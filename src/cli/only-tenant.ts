import { z } from 'zod';
import { RefusedError } from './admin-http.js';
import type { CliContext } from './cli-context.js';
import { usageError } from './cli-error.js';

const tenantList = z.object({ data: z.array(z.object({ slug: z.string() })), has_more: z.boolean() });

/** The context with its tenant: an operator who names none means the only one that there is. @throws CliError when there are more. */
export async function withTenant(context: CliContext): Promise<CliContext> {
  if (context.flags().tenant !== undefined) return context;
  try {
    await context.http.call('keys.list', { query: { limit: '1' } });
    return context;
  } catch (error) {
    if (!(error instanceof RefusedError) || error.refusal.param !== 'tenant') throw error;
    const { data, has_more } = tenantList.parse(await context.http.call('tenants.list', { query: { limit: '2' } }));
    const [only] = data;
    if (only === undefined || data.length > 1 || has_more) throw usageError('There is more than one tenant: give --tenant.');
    return { ...context, flags: () => ({ ...context.flags(), tenant: only.slug }) };
  }
}
