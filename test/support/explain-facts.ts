import fc from 'fast-check';
import type { ExplainFacts } from '../../src/catalog/explain.js';
import { allowlist, type EndpointFacts, type KeyFacts, type TenantFacts } from '../../src/catalog/facts.js';
import { routeSwitches } from '../../src/catalog/route-row.js';
import { keyLimits } from '../../src/contracts/key-limits.js';
import { modalities, scopes, type Modality } from '../../src/contracts/scopes.js';

const nowMs = 1_000_000;
const names = fc.uniqueArray(fc.constantFrom('*', 'a', 'b', 'ds_1')).map(allowlist);

const key: fc.Arbitrary<KeyFacts> = fc.record({
  id: fc.constant('key_1'),
  tenantId: fc.constant('ten_1'),
  purpose: fc.constant('inference' as const),
  state: fc.constantFrom('active', 'active', 'active', 'disabled', 'revoked'),
  expiresAtMs: fc.constantFrom(null, null, nowMs, nowMs + 1),
  effectiveScopes: fc.subarray([...scopes]).map((chosen) => new Set(chosen)),
  agents: names,
  rawModels: names,
  datasets: names,
  allowedRanges: fc.constant([]),
  promptPolicy: fc.constant(null),
  keepAlive: fc.constant('comment' as const),
  mayOpenSockets: fc.boolean(),
  approval: fc.constant(new Set<string>()),
  limits: fc.constant(keyLimits.parse({})),
});

const tenant: fc.Arbitrary<TenantFacts> = fc.record({
  id: fc.constant('ten_1'),
  slug: fc.constant('acme'),
  state: fc.constantFrom('active', 'active', 'active', 'suspended', 'disabled'),
  apiEnabled: fc.constantFrom(true, true, false),
  groupsOff: fc.subarray([...routeSwitches], { maxLength: 2 }).map((off) => new Set(off)),
});

const endpoint = (name: string): fc.Arbitrary<EndpointFacts> =>
  fc.record({
    name: fc.constant(name),
    kind: fc.constantFrom('agent_alias', 'raw_model'),
    modalities: fc.subarray([...modalities]).map((chosen) => new Set<Modality>(chosen)),
    isDefault: fc.constant(name === 'a'),
  });

/** A key in any state with any scopes and lists, its tenant, two published names and a dataset; no budgets. */
export const explainFacts: fc.Arbitrary<ExplainFacts> = fc.record({
  key,
  tenant,
  endpoints: fc.tuple(endpoint('a'), endpoint('b')),
  datasets: fc.constant([{ id: 'ds_1', alias: 'a' }]),
  counted: fc.constant({ budgets: [], pricedIn: undefined }),
  nowMs: fc.constant(nowMs),
});
