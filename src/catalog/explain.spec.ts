import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { explainFacts } from '../../test/support/explain-facts.js';
import { keyLimits } from '../contracts/key-limits.js';
import { scopes } from '../contracts/scopes.js';
import { addressRanges } from '../kernel/addresses.js';
import { errorTable } from '../kernel/error-codes.js';
import { decide, decideDataset, decideModel, isListed } from './decide.js';
import { explain, modelCallOf, type ExplainFacts, type Question } from './explain.js';
import { allowlist, type EndpointFacts } from './facts.js';
import { routeIds, routeRow } from './routes.js';

describe('explain', () => {
  it('says for every route, key and tenant what the guard says', () => {
    fc.assert(
      fc.property(explainFacts, fc.constantFrom(...routeIds), (given, id) => {
        const row = routeRow(id);
        const refusal = decide({ ...given, row, ip: undefined, hostTenantId: undefined });
        const { allowed, status, code, steps } = explain({ method: row.method, path: row.path }, given);
        expect([allowed, status, code]).toEqual(
          refusal === undefined ? [true, 200, null] : [false, errorTable[refusal.code].status, refusal.code],
        );
        expect(steps.map(({ ok }) => ok).lastIndexOf(false)).toBe(allowed ? -1 : steps.length - 1);
      }),
      { numRuns: 1000 },
    );
  });

  it('says for every model what the routes say that take one', () => {
    fc.assert(
      fc.property(explainFacts, fc.constantFrom('a', 'b', 'absent', 'default', 'openclaw/b'), (given, model) => {
        const row = routeRow('embeddings.create');
        fc.pre(decide({ ...given, row, ip: undefined, hostTenantId: undefined }) === undefined);
        const meantName = model === 'default' ? 'a' : model.replace('openclaw/', '');
        const meant = given.endpoints.find(({ name }) => name === meantName);
        const refusal = decideModel(given.key, meant, model, 'embed');
        expect(explain({ method: 'POST', path: '/embeddings', model }, given).code).toBe(refusal?.code ?? null);
      }),
      { numRuns: 500 },
    );
  });

  it('says of a listed model that the list may be asked for it', () => {
    fc.assert(
      fc.property(explainFacts, fc.constantFrom('a', 'b'), (given, name) => {
        fc.pre(decide({ ...given, row: routeRow('models.get'), ip: undefined, hostTenantId: undefined }) === undefined);
        const listed = given.endpoints.some((known) => known.name === name && isListed(given.key, known));
        expect(explain({ method: 'GET', path: `/models/${name}` }, given).allowed).toBe(listed);
      }),
    );
  });

  it('says for every dataset what the guard of targets says, and not_found behind it', () => {
    fc.assert(
      fc.property(explainFacts, fc.constantFrom('a', 'ds_1', 'b'), (given, dataset) => {
        fc.pre(decide({ ...given, row: routeRow('models.list'), ip: undefined, hostTenantId: undefined }) === undefined);
        const known = dataset === 'b' ? undefined : { id: 'ds_1', alias: 'a' };
        const refusal = decideDataset(given.key, known ?? { id: dataset, alias: dataset });
        const expected = refusal?.code ?? (known === undefined ? 'not_found' : null);
        expect(explain({ method: 'GET', path: '/models', dataset }, given).code).toBe(expected);
      }),
    );
  });
});

describe('the model that a call asks', () => {
  const named = (name: string, isDefault = false): EndpointFacts => ({
    ...{ name, kind: 'raw_model', modalities: new Set(['chat'] as const), isDefault },
  });
  const endpoints = [named('a', true), named('b')];
  const asked = (path: string, model?: string) => {
    const call = modelCallOf({ method: 'POST', path, model }, endpoints);
    return call === undefined ? undefined : [call.modality, call.endpoint?.name];
  };

  it('is what its spelling means, for what its route asks', () => {
    expect(asked('/chat/completions', 'default')).toEqual(['chat', 'a']);
    expect(asked('/v1/embeddings', 'openclaw/b')).toEqual(['embed', 'b']);
    expect(asked('/images/generations', 'absent')).toEqual(['image', undefined]);
    expect(asked('/responses')).toEqual(['chat', undefined]);
  });

  it('is none where a route asks no provider, and where there is no route', () => {
    for (const path of ['/responses/input_tokens', '/files', '/nothing']) expect(asked(path, 'a')).toBeUndefined();
  });
});

describe('the sentences of an explanation', () => {
  const assistant: EndpointFacts = { name: 'assistant', kind: 'agent_alias', modalities: new Set(['chat']), isDefault: true };
  const facts: ExplainFacts = {
    key: {
      ...{ id: 'key_1', tenantId: 'ten_1', purpose: 'inference', state: 'active', expiresAtMs: null },
      ...{ agents: '*', rawModels: '*', datasets: '*', allowedRanges: [], promptPolicy: null },
      ...{
        keepAlive: 'comment',
        mayOpenSockets: true,
        approval: new Set(),
        limits: keyLimits.parse({}),
        effectiveScopes: new Set(scopes),
      },
    },
    tenant: { id: 'ten_1', slug: 'acme', state: 'active', apiEnabled: true, groupsOff: new Set() },
    endpoints: [
      assistant,
      { name: 'embedder', kind: 'raw_model', modalities: new Set(['embed']), isDefault: false },
      { name: 'idle', kind: 'raw_model', modalities: new Set(), isDefault: false },
    ],
    datasets: [
      { id: 'ds_1', alias: 'handbook' },
      { id: 'ds_2', alias: 'ds_1' },
    ],
    counted: { budgets: [], pricedIn: null },
    nowMs: 1_000,
  };
  const withKey = (key: Partial<ExplainFacts['key']>): ExplainFacts => ({ ...facts, key: { ...facts.key, ...key } });
  const withTenant = (tenant: Partial<ExplainFacts['tenant']>): ExplainFacts => ({
    ...facts,
    tenant: { ...facts.tenant, ...tenant },
  });
  const embed: Question = { method: 'POST', path: '/embeddings' };
  const list: Question = { method: 'GET', path: '/models' };

  /** The sentence of each step. */
  const said = (question: Question, given = facts): Record<string, string> =>
    Object.fromEntries(explain(question, given).steps.map(({ check, detail }) => [check, detail]));
  const last = (question: Question, given = facts): unknown => {
    const { code, steps } = explain(question, given);
    return [code, steps.at(-1)?.check, steps.at(-1)?.detail];
  };

  it('tell that a call is held, behind what refuses it for good and before budgets', () => {
    const chats = withKey({ approval: new Set(['embeddings.create', 'responses.create']) });
    expect(last({ ...embed, model: 'embedder' }, chats)).toEqual([
      'approval_required',
      'approval',
      'Calls of embeddings.create are held until an owner or manager approves them.',
    ]);
    expect(explain(embed, chats)).toMatchObject({ allowed: false, held: true, status: 403 });
    expect(last({ ...embed, model: 'absent' }, chats)).toEqual(['model_not_found', 'model', expect.any(String)]);
    expect(said({ method: 'POST', path: '/chat/completions' }, chats)).toMatchObject({
      approval: 'Calls of chat.completions.create need no approval.',
      budget: expect.any(String),
    });
    expect(explain(list, chats)).toMatchObject({ allowed: true, held: false });
    expect(explain({ method: 'GET', path: '/responses' }, chats).held).toBe(true);
    expect(said(embed)).not.toHaveProperty('approval');
    expect(explain(embed, withKey({ approval: '*' })).held).toBe(true);
  });

  it('tell why each step lets a call through', () => {
    expect(said({ ...embed, model: 'embedder' })).toEqual({
      route: 'POST /embeddings is the route embeddings.create.',
      host: 'No host was asked about; one of another tenant would be refused like an unknown key.',
      key: 'The key is active and has not expired.',
      tenant: 'The tenant acme is active.',
      ip: 'The key may be used from every address.',
      suspension: 'The tenant acme is active.',
      route_group: `The route group ${routeRow('embeddings.create').group} is on.`,
      scope: 'The key has inference:embed.',
      model: 'The key may use `embedder` for embed.',
      budget: 'No budget counts the call.',
    });
    expect(said(list)['scope']).toBe('Every live key may call this route.');
    const socket = routeRow('responses.websocket');
    expect(said({ method: socket.method, path: socket.path })['websocket']).toBe('Allowed.');
  });

  it('tell what a path does answer to, and what is no route', () => {
    expect(last({ method: 'DELETE', path: '/embeddings' })).toEqual([
      'method_not_allowed',
      'route',
      '/embeddings does not answer to DELETE, only to POST.',
    ]);
    const [step] = explain({ method: 'PATCH', path: '/files' }, facts).steps;
    expect(step?.detail).toMatch(/^\/files does not answer to PATCH, only to (GET, POST|POST, GET)\.$/);
    expect(last({ method: 'GET', path: '/nothing' })).toEqual(['unknown_url', 'route', 'There is no route GET /nothing.']);
  });

  it('tell what of an address, a tenant or a route group refuses', () => {
    const bound = withKey({ allowedRanges: addressRanges(['203.0.113.0/24']) });
    expect(said(embed, bound)['ip']).toBe('The key may be used from some addresses only, and no address was asked about.');
    expect(said({ ...embed, ip: '203.0.113.9' }, bound)['ip']).toBe('The key may be used from 203.0.113.9.');
    expect(last({ ...embed, ip: '::1' }, bound)).toEqual(['ip_not_allowed', 'ip', 'The key may not be used from ::1.']);
    expect(last(embed, withTenant({ state: 'disabled' }))).toEqual(['invalid_api_key', 'tenant', 'The tenant acme is disabled.']);
    expect(last(embed, withTenant({ state: 'suspended' }))).toEqual([
      'tenant_suspended',
      'suspension',
      'The tenant acme is suspended.',
    ]);
    const { group } = routeRow('embeddings.create');
    expect(last(embed, withTenant({ groupsOff: new Set([group]) }))).toEqual([
      'unknown_url',
      'route_group',
      `The tenant has switched the route group ${group} off.`,
    ]);
    expect(last(embed, withTenant({ apiEnabled: false }))).toEqual([
      'unknown_url',
      'route_group',
      'The tenant has switched its API off.',
    ]);
    expect(last(embed, withKey({ state: 'revoked' }))).toEqual(['invalid_api_key', 'key', 'This API key has been revoked.']);
  });

  it('name the scopes that the key has of those that are enough', () => {
    const { scopes: enough } = routeRow('files.list');
    expect(said({ method: 'GET', path: '/files' })['scope']).toBe(`The key has ${enough === 'any' ? '' : enough.join(', ')}.`);
  });

  it('tell an administrator which of the reasons it is that a client sees as one', () => {
    const model = { ...embed, model: 'embedder' };
    expect(last({ ...embed, model: 'absent' })).toEqual([
      'model_not_found',
      'model',
      '`absent` is not published in this tenant.',
    ]);
    expect(last({ ...embed, model: 'assistant' })).toEqual(['unsupported_modality', 'model', '`assistant` serves chat only.']);
    expect(last(model, withKey({ rawModels: allowlist(['x']) }))).toEqual([
      'model_not_found',
      'model',
      "`embedder` is not in the key's allowlist raw_models.",
    ]);
    expect(last({ ...list, model: 'assistant' }, withKey({ agents: allowlist([]) }))).toEqual([
      'model_not_found',
      'model',
      "`assistant` is not in the key's allowlist agents.",
    ]);
    const noScope = withKey({ effectiveScopes: new Set(['usage:read']), agents: allowlist(['assistant']) });
    expect(last({ ...list, model: 'assistant' }, noScope)).toEqual([
      'model_not_found',
      'model',
      'The key has no scope for anything that `assistant` serves (chat).',
    ]);
    expect(last({ ...list, model: 'idle' })).toEqual([
      'model_not_found',
      'model',
      'The key has no scope for anything that `idle` serves (nothing).',
    ]);
  });

  it('tell what a spelling of a model means, and judge no model where none is named', () => {
    expect(last({ ...list, model: 'assistant' })).toEqual([null, 'model', 'The key may use `assistant`.']);
    expect(last({ ...list, model: 'openclaw' })).toEqual([null, 'model', 'The key may use `openclaw` (that is assistant).']);
    expect(last({ ...list, model: 'agent:embedder' })).toEqual([
      null,
      'model',
      'The key may use `agent:embedder` (that is embedder).',
    ]);
    expect([said(list)['model'], said(embed)['model']]).toEqual([undefined, undefined]);
    const get: Question = { method: 'GET', path: '/models/{model}' };
    expect(said(get)['model']).toBeUndefined();
    expect(said({ ...get, model: 'assistant' })['model']).toBe('The key may use `assistant`.');
    expect(said({ ...get, path: '/models/embedder', model: 'assistant' })['model']).toBe('The key may use `embedder`.');
    expect(said({ ...get, path: '/models/x{model}' })['model']).toBe('`x{model}` is not published in this tenant.');
    expect(said({ ...get, path: '/models/{model}x' })['model']).toBe('`{model}x` is not published in this tenant.');
  });

  it('tell of budgets last, and of calls that ask a model alone', () => {
    const budget = {
      id: 'bud_1',
      of: 'key',
      name: 'app',
      window: 'total',
      currency: null,
      amount: 5,
      soft_percent: null,
    } as const;
    const spent = { ...budget, hard: true, unpriced: 'refuse', spent: 5, reserved: 0, left: 0, ends_at: null } as const;
    const broke = { ...facts, counted: { budgets: [spent], pricedIn: undefined } };
    const sentence = 'The budget `key app total tokens` is spent: it had 5 tokens, and does not come back by itself.';
    for (const model of ['embedder', undefined])
      expect(last({ ...embed, model }, broke)).toEqual(['insufficient_quota', 'budget', sentence]);
    expect(explain(embed, broke)).toMatchObject({ allowed: false, status: 429 });
    for (const named of [{ model: 'absent' }, { dataset: 'absent' }])
      expect(last({ ...embed, ...named }, broke)).toEqual(last({ ...embed, ...named }));
    for (const path of ['/responses/input_tokens', '/batches', '/files'])
      expect(said({ method: 'POST', path, model: 'assistant' }, broke)['budget']).toBeUndefined();
    expect(said({ method: 'POST', path: '/responses', model: 'assistant' }, broke)['budget']).toBe(sentence);
  });

  it('tell of a dataset by its id before its alias, and stop at the first refusal', () => {
    const search: Question = { method: 'POST', path: '/datasets/handbook/search' };
    expect(last(search)).toEqual([null, 'dataset', 'The key may use the dataset `handbook`.']);
    expect(last({ ...list, dataset: 'ds_1' }, withKey({ datasets: allowlist(['handbook']) }))).toEqual([
      null,
      'dataset',
      'The key may use the dataset `ds_1`.',
    ]);
    expect(last({ ...list, dataset: 'absent' })).toEqual(['not_found', 'dataset', 'The tenant has no dataset `absent`.']);
    expect(last(search, withKey({ datasets: allowlist([]) }))).toEqual([
      'target_not_allowed',
      'dataset',
      "The dataset `handbook` is not in the key's allowlist datasets.",
    ]);
    expect(said({ ...list, model: 'absent', dataset: 'handbook' })['dataset']).toBeUndefined();
    expect(said({ ...list, model: 'assistant', dataset: 'handbook' })).toMatchObject({
      model: 'The key may use `assistant`.',
      dataset: 'The key may use the dataset `handbook`.',
    });
  });
});
