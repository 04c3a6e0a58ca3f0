import type { z } from 'zod';
import type { ConnectionTarget } from '../agents/connection-target.js';
import type { Refused } from './answer-faults.js';
import type { ProviderClient, ProviderRequest } from './provider-client.js';
import { ProviderFault } from './provider-fault.js';
import { providerPage } from './provider-objects.js';

/** A connection with what cleans its refusals, and how long anybody waits for it. */
export interface AskedProvider {
  readonly connection: ConnectionTarget;
  readonly told: Refused;
  readonly signal?: AbortSignal;
}

export const pageSize = '100';
/** So many pages are searched for what a crash has left. */
const mostPages = 20;

/** One call, of which the answer is read. @throws ProviderFault; AppError for a connection that cannot be used. */
export function ask<S extends z.ZodType>(
  client: ProviderClient,
  { connection, told, signal }: AskedProvider,
  call: ProviderRequest,
  schema: S,
): Promise<z.output<S>> {
  return client.ask(connection, { ...call, signal }, schema, told);
}

/** The items of a list, page by page. @throws as `ask`. */
export async function* pagesOf<S extends z.ZodType<{ readonly id: string }>>(
  client: ProviderClient,
  asked: AskedProvider,
  { path, query = {} }: Pick<ProviderRequest, 'path' | 'query'>,
  item: S,
): AsyncGenerator<z.output<S>> {
  const page = providerPage(item);
  let after: string | undefined;
  for (let number = 0; number < mostPages; number += 1) {
    const further = after === undefined ? query : { ...query, after };
    const { data, has_more: hasMore } = (await ask(client, asked, { method: 'GET', path, query: further }, page)) as {
      readonly data: readonly z.output<S>[];
      readonly has_more?: boolean | null;
    };
    yield* data;
    const last = data.at(-1)?.id;
    if (hasMore !== true || last === undefined || last === after) return;
    after = last;
  }
}

/** Waits for a call that removes something; what is gone already is no fault. */
export async function orGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.kind !== 'absent') throw error;
  }
}
