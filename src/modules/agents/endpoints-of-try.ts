import { choiceFrom, type PublishedEndpoint, type TenantEndpoints } from './published-endpoint.js';

const known = new WeakMap<TenantEndpoints, TenantEndpoints[]>();

/**
 * A tenant's endpoints as a further try sees them: each leads to the first of its choices from that place on that can be asked;
 * where there is none, it leads where it always does.
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
  if (endpoint.choices.size === 0) return endpoint;
  const targets = new Map(endpoint.targets);
  for (const [modality, choices] of endpoint.choices) {
    const target = choiceFrom(choices, place);
    if (target !== undefined) targets.set(modality, target);
  }
  return { ...endpoint, targets };
}
