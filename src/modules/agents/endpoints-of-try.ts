import type { PublishedEndpoint, TenantEndpoints } from './published-endpoint.js';

const known = new WeakMap<TenantEndpoints, TenantEndpoints[]>();

/**
 * A tenant's endpoints as a further try sees them: each leads to the fallback of that place where it has one, else to its
 * first choice.
 * @param place 0: the first choice; 1: the first fallback.
 */
export function endpointsOfTry(endpoints: TenantEndpoints, place: number): TenantEndpoints {
  if (place === 0) return endpoints;
  const views = known.get(endpoints) ?? [];
  known.set(endpoints, views);
  return (views[place] ??= viewOf(endpoints, place));
}

function viewOf(endpoints: TenantEndpoints, place: number): TenantEndpoints {
  const byName = new Map([...endpoints.byName].map(([name, endpoint]) => [name, endpointOfTry(endpoint, place)]));
  const { byDefault } = endpoints;
  return { ...endpoints, byName, byDefault: byDefault === undefined ? undefined : byName.get(byDefault.name) };
}

function endpointOfTry(endpoint: PublishedEndpoint, place: number): PublishedEndpoint {
  if (endpoint.fallbacks.size === 0) return endpoint;
  const targets = new Map(endpoint.targets);
  for (const [modality, further] of endpoint.fallbacks) {
    const target = further[place - 1];
    if (target !== undefined && targets.has(modality)) targets.set(modality, target);
  }
  return { ...endpoint, targets };
}
