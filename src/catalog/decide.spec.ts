import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { explainFacts } from '../../test/support/explain-facts.js';
import { keyLimits } from '../contracts/key-limits.js';
import { modalities, modalityScopes, scopes } from '../contracts/scopes.js';
import { addressRanges } from '../kernel/addresses.js';
import {
  decide,
  decideDataset,
  decideModel,
  decisionSteps,
  isListed,
  listingNeed,
  missingScopes,
  reachesRow,
  searchable,
  type CallFacts,
} from './decide.js';
import { allowlist, type EndpointFacts, type KeyFacts, type TenantFacts } from './facts.js';
import { builtInPresets } from './presets.js';
import { routeIds, routeRow } from './routes.js';

const nowMs = 1_000_000;

const key: KeyFacts = {
  id: 'key_1',
  tenantId: 'ten_1',
  purpose: 'inference',
  state: 'active',
  expiresAtMs: null,
  effectiveScopes: new Set(scopes),
  agents: '*',
  rawModels: '*',
  datasets: '*',
  allowedRanges: [],
  promptPolicy: null,
  keepAlive: 'comment',
  mayOpenSockets: true,
  approval: new Set(),
  limits: keyLimits.parse({}),
};
const tenant: TenantFacts = { id: 'ten_1', slug: 'acme', state: 'active', apiEnabled: true, groupsOff: new Set() };
const good: CallFacts = {
  key,
  tenant,
  row: routeRow('embeddings.create'),
  ip: '203.0.113.9',
  hostTenantId: undefined,
  nowMs,
};
const socketRow = routeIds.map(routeRow).find(({ isSocket }) => isSocket === true) ?? good.row;

/** What is wrong with a call, one thing after the other in the order of the contract. */
const faults: readonly (readonly [string, (call: CallFacts) => CallFacts, object])[] = [
  ['host', (call) => ({ ...call, hostTenantId: 'ten_2' }), { code: 'invalid_api_key' }],
  [
    'key',
    (call) => ({ ...call, key: { ...call.key, state: 'revoked' } }),
    { code: 'invalid_api_key', message: 'This API key has been revoked.' },
  ],
  [
    'key',
    (call) => ({ ...call, key: { ...call.key, state: 'disabled' } }),
    { code: 'invalid_api_key', message: 'This API key is disabled.' },
  ],
  [
    'key',
    (call) => ({ ...call, key: { ...call.key, expiresAtMs: nowMs } }),
    { code: 'invalid_api_key', message: 'This API key has expired.' },
  ],
  ['tenant', (call) => ({ ...call, tenant: { ...call.tenant, state: 'disabled' } }), { code: 'invalid_api_key' }],
  [
    'ip',
    (call) => ({ ...call, key: { ...call.key, allowedRanges: addressRanges(['198.51.100.0/24']) } }),
    { code: 'ip_not_allowed' },
  ],
  ['suspension', (call) => ({ ...call, tenant: { ...call.tenant, state: 'suspended' } }), { code: 'tenant_suspended' }],
  ['route_group', (call) => ({ ...call, tenant: { ...call.tenant, apiEnabled: false } }), { code: 'unknown_url' }],
  [
    'route_group',
    (call) => ({ ...call, tenant: { ...call.tenant, groupsOff: new Set([call.row.group]) } }),
    { code: 'unknown_url' },
  ],
  [
    'scope',
    (call) => ({ ...call, key: { ...call.key, effectiveScopes: new Set(['usage:read']) } }),
    { code: 'insufficient_scope' },
  ],
  ['websocket', (call) => ({ ...call, key: { ...call.key, mayOpenSockets: false } }), { code: 'upgrade_required' }],
];

describe('the decision on a call', () => {
  it('lets a call through with which nothing is wrong', () => {
    expect(decide(good)).toBeUndefined();
    expect(decide({ ...good, hostTenantId: 'ten_1', key: { ...key, expiresAtMs: nowMs + 1 } })).toBeUndefined();
    const inRange = { ...key, allowedRanges: addressRanges(['203.0.113.0/24']) };
    expect(decide({ ...good, key: inRange })).toBeUndefined();
    expect(decide({ ...good, row: socketRow })).toBeUndefined();
  });

  it.each(faults)('refuses for %s: %#', (check, spoil, refusal) => {
    const call = spoil({ ...good, row: socketRow });
    expect(decide(call)).toMatchObject(refusal);
    const steps = decisionSteps(call);
    expect(steps.at(-1)).toMatchObject({ check, ok: false, refusal });
    expect(steps.slice(0, -1).every(({ ok, refusal: none }) => ok && none === undefined)).toBe(true);
  });

  it('tells the first of several faults, in the order of the contract', () => {
    fc.assert(
      fc.property(fc.subarray([...faults], { minLength: 1 }), (chosen) => {
        // Of two that change the same state the last one stands, so those that come first are put on last.
        const call = chosen.reduceRight((spoilt, [, spoil]) => spoil(spoilt), { ...good, row: socketRow });
        const [check, , refusal] = chosen[0] ?? [];
        expect(decisionSteps(call).at(-1)?.check).toBe(check);
        expect(decide(call)).toMatchObject(refusal ?? {});
      }),
    );
  });

  it('has a step for sockets on routes that open one, and on no other', () => {
    const steps = ['host', 'key', 'tenant', 'ip', 'suspension', 'route_group', 'scope'];
    expect(decisionSteps(good).map(({ check }) => check)).toEqual(steps);
    expect(decisionSteps({ ...good, row: socketRow }).map(({ check }) => check)).toEqual([...steps, 'websocket']);
    expect(decide({ ...good, key: { ...key, mayOpenSockets: false } })).toBeUndefined();
    const off = { ...tenant, groupsOff: new Set(['websocket' as const]) };
    expect([decide({ ...good, tenant: off }), decide({ ...good, row: socketRow, tenant: off })]).toEqual([
      undefined,
      { code: 'upgrade_required', message: 'WebSockets are switched off for this API key. Send POST /responses instead.' },
    ]);
  });

  it('does not judge an address that was not asked about', () => {
    const bound = { ...key, allowedRanges: addressRanges(['198.51.100.7']) };
    expect(decide({ ...good, key: bound, ip: undefined })).toBeUndefined();
    expect(decide({ ...good, key: bound })).toEqual({ code: 'ip_not_allowed' });
  });

  it('needs one of the scopes of a row, or none where any key may call it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...routeIds), fc.subarray([...scopes]), (id, held) => {
        const row = routeRow(id);
        const mayCall = row.scopes === 'any' || row.scopes.some((scope) => held.includes(scope));
        const call = { ...good, row, key: { ...key, effectiveScopes: new Set(held) } };
        expect(reachesRow(call.key, row)).toBe(mayCall);
        expect(decide(call)?.code).toBe(mayCall ? undefined : 'insufficient_scope');
      }),
    );
  });

  it('says which scopes are missing, and which presets have them', () => {
    const having = builtInPresets.filter((preset) => preset.scopes.includes('inference:embed')).map(({ slug }) => slug);
    expect(having.length).toBeGreaterThan(1);
    expect(missingScopes(['inference:embed'])).toBe(
      `You have insufficient permissions for this operation. Missing scopes: inference:embed. Presets that have it: ${having.join(', ')}.`,
    );
    expect(missingScopes(['files:read', 'files:write'])).toContain('Missing scopes: files:read or files:write. ');
    expect(missingScopes([])).toContain('Presets that have it: none.');
    expect(decide({ ...good, key: { ...key, effectiveScopes: new Set() } })?.message).toBe(missingScopes(['inference:embed']));
  });
});

describe('the decision on a model', () => {
  const endpoint: EndpointFacts = { name: 'assistant', kind: 'agent_alias', modalities: new Set(['chat']), isDefault: false };

  it('is one answer for unknown, unpublished and not allowed', () => {
    const unknown = {
      code: 'model_not_found',
      param: 'model',
      message: 'The model `x` does not exist or you do not have access to it.',
    };
    expect(decideModel(key, undefined, 'x', 'chat')).toEqual(unknown);
    expect(decideModel({ ...key, agents: allowlist(['other']) }, endpoint, 'x', 'chat')).toEqual(unknown);
    expect(decideModel({ ...key, effectiveScopes: new Set(['inference:embed']) }, endpoint, 'x', 'chat')).toEqual(unknown);
  });

  it('names a use that a listed model does not serve', () => {
    expect(decideModel(key, endpoint, 'x', 'embed')).toEqual({
      code: 'unsupported_modality',
      param: 'model',
      message: 'The model `x` does not serve embed requests.',
    });
    expect(decideModel(key, endpoint, 'x', 'chat')).toBeUndefined();
  });

  it('goes by the allowlist of its kind', () => {
    const agentsOnly = { ...key, agents: allowlist(['assistant']), rawModels: allowlist([]) };
    expect([isListed(agentsOnly, endpoint), isListed(agentsOnly, { ...endpoint, kind: 'raw_model' })]).toEqual([true, false]);
  });

  it('lists what is of use with a scope that the key has, and says which scopes those are', () => {
    fc.assert(
      fc.property(fc.subarray([...modalities]), fc.subarray([...scopes]), (served, held) => {
        const facts = { ...endpoint, modalities: new Set(served) };
        const need = listingNeed(facts);
        expect(need).toEqual(served.map((modality) => modalityScopes[modality]));
        expect(isListed({ ...key, effectiveScopes: new Set(held) }, facts)).toBe(need.some((scope) => held.includes(scope)));
      }),
    );
  });
});

describe('the decision on data', () => {
  it('allows a dataset by its alias or its id', () => {
    const allowed = (names: string[]): unknown =>
      decideDataset({ ...key, datasets: allowlist(names) }, { id: 'ds_1', alias: 'handbook' });
    expect([allowed(['*']), allowed(['handbook']), allowed(['ds_1', 'x'])]).toEqual([undefined, undefined, undefined]);
    expect([allowed([]), allowed(['ds_2', 'hand'])]).toEqual([{ code: 'target_not_allowed' }, { code: 'target_not_allowed' }]);
  });

  it('lets a key search what it could read by itself', () => {
    fc.assert(
      fc.property(explainFacts, ({ key: any, tenant: { groupsOff, ...rest } }) => {
        const found = searchable(any, { ...rest, groupsOff });
        const readsStores = any.effectiveScopes.has('vector_stores:read') && !groupsOff.has('vector_stores');
        const readsData = (readsStores || any.effectiveScopes.has('datasets:read')) && !groupsOff.has('datasets');
        expect(found).toEqual({ stores: readsStores, datasets: readsData ? any.datasets : new Set() });
      }),
    );
    const reader = { ...key, effectiveScopes: new Set(['datasets:read' as const]), datasets: allowlist(['a']) };
    expect(searchable(reader, tenant)).toEqual({ stores: false, datasets: new Set(['a']) });
    const stores = { ...reader, effectiveScopes: new Set(['vector_stores:read' as const]) };
    expect(searchable(stores, tenant)).toEqual({ stores: true, datasets: new Set(['a']) });
    const noStores = { ...tenant, groupsOff: new Set(['vector_stores' as const]) };
    expect(searchable(stores, noStores)).toEqual({ stores: false, datasets: new Set() });
    const noData = { ...tenant, groupsOff: new Set(['datasets' as const]) };
    expect(searchable(stores, noData)).toEqual({ stores: true, datasets: new Set() });
  });
});
