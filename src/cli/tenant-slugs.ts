import { z } from 'zod';
import { RefusedError } from './admin-http.js';
import type { CliContext } from './cli-context.js';

const page = z.object({
  data: z.array(z.object({ slug: z.string() })),
  has_more: z.boolean(),
  last_id: z.string().nullable(),
});

/** The slugs of all tenants, the oldest first. */
async function tenantSlugs(context: CliContext): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | undefined; ;) {
    const read = page.parse(await context.http.call('tenants.list', { query: { limit: '100', order: 'asc', after } }));
    found.push(...read.data.map(({ slug }) => slug));
    if (!read.has_more || read.last_id === null) return found;
    after = read.last_id;
  }
}

/**
 * Looks at the tenant that the caller means, or, for operators who name none, at every tenant.
 * @param look at the tenant of this slug; undefined for the caller's own.
 */
export async function atEachTenant<T>(context: CliContext, look: (tenant: string | undefined) => Promise<T>): Promise<T[]> {
  const { tenant } = context.flags();
  try {
    return [await look(tenant)];
  } catch (error) {
    if (!(error instanceof RefusedError) || error.refusal.param !== 'tenant' || tenant !== undefined) throw error;
  }
  const found: T[] = [];
  for (const slug of await tenantSlugs(context)) found.push(await look(slug));
  return found;
}
