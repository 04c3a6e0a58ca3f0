import type { z } from 'zod';
import type { ConnectionPaths } from './connection-paths.js';
import { providerOf, type Provider, type ProviderId } from './providers.js';
import type { ConnectionWire } from './wires.js';

/** What may be said of a new connection, as far as a provider says it too. */
interface Given {
  readonly provider?: ProviderId | undefined;
  readonly name?: string | undefined;
  readonly base_url?: string | undefined;
  readonly wire?: ConnectionWire | undefined;
  readonly auth?: { readonly mode: string } | undefined;
  readonly paths?: ConnectionPaths | undefined;
}

/** A new connection with all that it must have. Which provider it named is not kept. */
type Settled<G extends Given> = Omit<G, 'provider'> & {
  name: string;
  base_url: string;
  wire: ConnectionWire;
  auth: NonNullable<G['auth']>;
};

/**
 * Gives a new connection what its provider says of what was not given; without a provider, name and address must be. The
 * settings are its own from then on: what is learned of a provider later does not change them.
 */
export function withProvider<G extends Given>({ provider: id, ...given }: G, { issues }: z.RefinementCtx): Settled<G> {
  const provider = id === undefined ? undefined : providerOf(id);
  const name = given.name ?? id;
  const baseUrl = given.base_url ?? urlOf(provider);
  if (name === undefined) issues.push(missing('name'));
  if (baseUrl === undefined) issues.push(provider === undefined ? missing('base_url') : unsaid(provider));
  const paths = { ...provider?.paths, ...given.paths };
  return {
    ...given,
    name: name ?? '',
    base_url: baseUrl ?? '',
    wire: given.wire ?? provider?.wire ?? 'openai',
    auth: (given.auth ?? { mode: provider?.signsIn ?? 'none' }) as NonNullable<G['auth']>,
    ...(Object.keys(paths).length === 0 ? {} : { paths }),
  };
}

function urlOf(provider: Provider | undefined): string | undefined {
  return provider !== undefined && 'url' in provider.address ? provider.address.url : undefined;
}

function missing(field: string): z.core.$ZodRawIssue {
  return { code: 'invalid_type', expected: 'string', input: undefined, path: [field] };
}

function unsaid({ title, address }: Provider): z.core.$ZodRawIssue {
  const form = 'like' in address ? address.like : address.url;
  return { code: 'custom', input: undefined, path: ['base_url'], message: `must be given for ${title}, like ${form}` };
}
