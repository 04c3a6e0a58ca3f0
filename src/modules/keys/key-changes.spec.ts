import { describe, expect, it } from '@jest/globals';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { createKeyRequest, updateKeyRequest } from '../../contracts/keys.js';
import { keyLimits } from '../../contracts/key-limits.js';
import { AppError } from '../../kernel/app-error.js';
import { planChange } from './key-changes.js';
import { grantChange, grantNew, heldScopes, namesInChange, refuseRevoked, type GrantSources } from './key-granting.js';
import { linksOf, namesInLinks } from './key-links.js';
import type { KeyRow } from './key-row.js';
import { newFields } from './new-fields.js';
import type { PresetRecord } from './presets.repository.js';

const owner: Actor = { tenantId: 'ten_1', role: 'owner', name: 'token', requestId: 'req_1', address: null };
const manager: Actor = { ...owner, role: 'manager' };
const moment = new Date(1_900_000_000_500);

const row: KeyRow = {
  tenantId: 'ten_1',
  id: 'key_1',
  name: 'app',
  purpose: 'inference',
  preset: 'own',
  scopes: ['inference:chat', 'of:another:release'],
  agents: ['a'],
  rawModels: ['m'],
  datasets: ['d'],
  limits: { requests_per_minute: 5 },
  allowedIps: ['203.0.113.9'],
  promptPolicy: { instructions: 'Be kind.' },
  keepAlive: 'off',
  websocket: false,
  approval: [],
  state: 'active',
  expiresAt: moment,
  inferenceKeyId: null,
  uploadKeyId: null,
  lastUsedAt: null,
  createdAt: moment,
  updatedAt: moment,
  secrets: [],
  inferenceKey: null,
};
const preset: PresetRecord = {
  id: 'pre_1',
  slug: 'own',
  name: 'Own',
  purpose: 'inference',
  scopes: ['inference:chat', 'inference:embed', 'inference:override'],
  limits: keyLimits.parse({}),
  links: null,
  createdAt: moment,
};
const inferenceKey: KeyRow = { ...row, id: 'key_i', name: 'inference', scopes: ['inference:embed', 'inference:override'] };
const uploadKey: KeyRow = { ...row, id: 'key_u', name: 'upload', purpose: 'upload', scopes: ['datasets:write'] };
const revoked: KeyRow = { ...inferenceKey, id: 'key_r', state: 'revoked' };
const disabled: KeyRow = { ...inferenceKey, id: 'key_d', state: 'disabled', scopes: [] };
const keys = new Map([
  ['inference', inferenceKey],
  ['key_u', uploadKey],
  ['key_r', revoked],
  ['key_d', disabled],
]);
const sources: GrantSources = { presets: new Map([['own', preset]]), keys };

/** Code and parameter of what the work throws, and its text. */
function refusedBy(work: () => unknown): [string, string | null | undefined, string] | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return [error.code, error.param, error.message];
    throw error;
  }
}

const stored = {
  name: 'app',
  scopes: ['inference:chat'],
  agents: ['a'],
  rawModels: ['m'],
  datasets: ['d'],
  limits: keyLimits.parse({ requests_per_minute: 5 }),
  allowedIps: ['203.0.113.9'],
  promptPolicy: { instructions: 'Be kind.' },
  keepAlive: 'off',
  websocket: false,
  approval: [],
  expiresAt: moment,
  inferenceKeyId: null,
  uploadKeyId: null,
};
const change = (input: unknown, of = row, actor = owner) => planChange(actor, of, updateKeyRequest.parse(input), sources);

describe('a change of a key', () => {
  it('that says nothing, or what is so already, changes nothing', () => {
    expect(change({})).toEqual({ fields: stored, isChange: false });
    const same = { name: 'app', agents: ['a', 'a'], scopes: ['inference:chat'], expires_at: 1_900_000_000, limits: {} };
    expect(change(same)).toEqual({ fields: stored, isChange: false });
    expect(change({}, { ...row, promptPolicy: null }).fields.promptPolicy).toBeNull();
  });

  it.each([
    [{ name: 'new' }, { name: 'new' }],
    [{ agents: ['x', 'y', 'x'] }, { agents: ['x', 'y'] }],
    [{ agents: [] }, { agents: [] }],
    [{ raw_models: ['x', 'x'] }, { rawModels: ['x'] }],
    [{ datasets: ['x', 'x'] }, { datasets: ['x'] }],
    [{ allowed_ips: ['::1', '::1'] }, { allowedIps: ['::1'] }],
    [{ limits: { tokens_per_minute: 9 } }, { limits: keyLimits.parse({ requests_per_minute: 5, tokens_per_minute: 9 }) }],
    [{ limits: { requests_per_minute: null } }, { limits: keyLimits.parse({}) }],
    [{ prompt_policy: null }, { promptPolicy: null }],
    [{ prompt_policy: { instructions: 'x' } }, { promptPolicy: { instructions: 'x' } }],
    [{ keep_alive: 'comment' }, { keepAlive: 'comment' }],
    [{ websocket: true }, { websocket: true }],
    [{ expires_at: null }, { expiresAt: null }],
    [{ expires_at: 4_000_000_000 }, { expiresAt: new Date(4_000_000_000_000) }],
    [{ scopes: ['inference:embed', 'inference:embed'] }, { scopes: ['inference:embed'] }],
  ])('%j changes that and nothing else', (input, fields) => {
    expect(change(input)).toEqual({ fields: { ...stored, ...fields }, isChange: true });
  });

  it('may say an expiry that has passed when it is the one that is stored, and no other', () => {
    const passed = { ...row, expiresAt: new Date(1_000_700) };
    expect(change({ expires_at: 1_000 }, passed).isChange).toBe(false);
    expect(refusedBy(() => change({ expires_at: 1_001 }, passed))?.slice(0, 2)).toEqual(['invalid_value', 'expires_at']);
    expect(refusedBy(() => change({ expires_at: 1_000 }, { ...row, expiresAt: null }))?.[0]).toBe('invalid_value');
  });

  it('is refused of a revoked key, whatever it says', () => {
    const refusal = ['conflict', null, 'The key is revoked, and that is final. Create a new key.'];
    expect(refusedBy(() => change({}, { ...row, state: 'revoked' }))).toEqual(refusal);
    expect(refusedBy(() => refuseRevoked({ ...row, state: 'revoked' }))).toEqual(refusal);
    expect(refusedBy(() => refuseRevoked({ ...row, state: 'disabled' }))).toBeUndefined();
  });
});

describe('what a change grants', () => {
  it('is within the preset as it is now, and asks for it where scopes are given anew alone', () => {
    expect(namesInChange(row, {})).toEqual({ preset: null });
    expect(namesInChange(row, { scopes: ['inference:chat'] })).toEqual({ preset: 'own' });
    const links = { inference: 'inference' };
    expect(namesInChange(row, { links })).toEqual({ preset: null, links });
    const none: GrantSources = { presets: new Map(), keys };
    expect(grantChange(owner, row, {}, none)).toEqual({});
    expect(refusedBy(() => grantChange(owner, row, { scopes: ['inference:chat'] }, none))).toEqual([
      'invalid_value',
      'preset',
      'There is no preset "own".',
    ]);
    expect(refusedBy(() => grantChange(owner, row, { scopes: ['files:read'] }, sources))?.slice(0, 2)).toEqual([
      'invalid_value',
      'scopes',
    ]);
    expect(grantChange(owner, { ...row, preset: null }, { scopes: ['files:read'] }, none)).toEqual({ scopes: ['files:read'] });
  });

  it('is for owners to give where it overrides models: before the change, after it, and through links', () => {
    const holding = { ...row, scopes: ['inference:override'] };
    const conversation: KeyRow = { ...row, purpose: 'conversation', preset: null, scopes: ['conversations:read'] };
    const linking = { ...conversation, inferenceKey: { scopes: ['inference:override'] } };
    expect(heldScopes(linking)).toEqual(['conversations:read', 'inference:override']);
    const attempts = [
      (actor: Actor) => grantChange(actor, holding, {}, sources),
      (actor: Actor) => grantChange(actor, row, { scopes: ['inference:override'] }, sources),
      (actor: Actor) => grantChange(actor, linking, {}, sources),
      (actor: Actor) => grantChange(actor, conversation, { links: { inference: 'inference' } }, sources),
    ];
    for (const attempt of attempts) {
      expect(refusedBy(() => attempt(manager))?.[0]).toBe('insufficient_role');
      expect(refusedBy(() => attempt(owner))).toBeUndefined();
    }
    expect(refusedBy(() => grantChange(manager, row, { scopes: ['inference:embed'] }, sources))).toBeUndefined();
  });

  it('takes links from what they name', () => {
    const conversation: KeyRow = { ...row, purpose: 'conversation', preset: null, scopes: ['conversations:read'] };
    const links = { inference: 'inference', upload: 'key_u' };
    expect(grantChange(owner, conversation, { links }, sources)).toEqual({ inferenceKeyId: 'key_i', uploadKeyId: 'key_u' });
  });
});

describe('what a new key is granted', () => {
  const asked = (input: object) => createKeyRequest.parse({ name: 'new', ...input });

  it('are the scopes of its preset, or those within it that it asks for', () => {
    expect(grantNew(owner, asked({ preset: 'own', scopes: ['inference:embed'] }), sources)).toEqual({
      purpose: 'inference',
      preset,
      granted: { scopes: ['inference:embed'], inferenceKeyId: null, uploadKeyId: null },
    });
    expect(grantNew(owner, asked({ preset: 'own' }), sources).granted.scopes).toEqual(preset.scopes);
    expect(refusedBy(() => grantNew(manager, asked({ preset: 'own' }), sources))?.[0]).toBe('insufficient_role');
    expect(refusedBy(() => grantNew(owner, asked({ preset: 'none' }), sources))?.slice(0, 2)).toEqual([
      'invalid_value',
      'preset',
    ]);
  });

  it('are its own scopes and its links where it has no preset, which only an owner gives where they override models', () => {
    const input = asked({ purpose: 'conversation', scopes: ['conversations:read'], links: { inference: 'inference' } });
    expect(grantNew(owner, input, sources)).toEqual({
      purpose: 'conversation',
      preset: undefined,
      granted: { scopes: ['conversations:read'], inferenceKeyId: 'key_i', uploadKeyId: null },
    });
    expect(refusedBy(() => grantNew(manager, input, sources))?.[0]).toBe('insufficient_role');
  });
});

describe('links', () => {
  it('name one key or two', () => {
    expect([namesInLinks(null), namesInLinks(undefined)]).toEqual([[], []]);
    expect([namesInLinks({ inference: 'a' }), namesInLinks({ inference: 'a', upload: null })]).toEqual([['a'], ['a']]);
    expect(namesInLinks({ inference: 'a', upload: 'b' })).toEqual(['a', 'b']);
  });

  it('are those of conversation keys alone', () => {
    expect(linksOf('inference', undefined, keys)).toEqual({ inferenceKeyId: null, uploadKeyId: null, scopes: [] });
    const message = 'Only keys of the purpose conversation link other keys.';
    expect(refusedBy(() => linksOf('upload', { inference: 'inference' }, keys))).toEqual(['invalid_value', 'links', message]);
    expect(refusedBy(() => linksOf('conversation', undefined, keys))).toEqual([
      'missing_required_parameter',
      'links.inference',
      "Missing required parameter: 'links.inference'.",
    ]);
  });

  it('lead to keys of the right purpose that are not revoked', () => {
    expect(linksOf('conversation', { inference: 'inference', upload: 'key_u' }, keys)).toEqual({
      inferenceKeyId: 'key_i',
      uploadKeyId: 'key_u',
      scopes: inferenceKey.scopes,
    });
    expect(linksOf('conversation', { inference: 'key_d' }, keys).inferenceKeyId).toBe('key_d');
    for (const inference of ['absent', 'key_r', 'key_u'])
      expect(refusedBy(() => linksOf('conversation', { inference }, keys))).toEqual([
        'invalid_value',
        'links.inference',
        'The tenant has no live key of the purpose inference with this id or name.',
      ]);
    const upload = { inference: 'inference', upload: 'inference' };
    expect(refusedBy(() => linksOf('conversation', upload, keys))?.slice(0, 2)).toEqual(['invalid_value', 'links.upload']);
  });
});

describe('the fields of a new key', () => {
  it('are what was asked for, each name once, within the limits of its preset', () => {
    const input = createKeyRequest.parse({
      name: 'new',
      agents: ['a', 'a'],
      raw_models: ['m', 'm'],
      datasets: ['d', 'd'],
      limits: { tokens_per_minute: 7 },
      allowed_ips: ['::1', '::1'],
      prompt_policy: { instructions: 'x' },
      keep_alive: 'empty-chunk',
      websocket: false,
      approval: [],
      expires_at: 4_000_000_000,
    });
    expect(newFields(input, keyLimits.parse({ requests_per_minute: 5, tokens_per_minute: 6 }))).toEqual({
      name: 'new',
      agents: ['a'],
      rawModels: ['m'],
      datasets: ['d'],
      limits: keyLimits.parse({ requests_per_minute: 5, tokens_per_minute: 7 }),
      allowedIps: ['::1'],
      promptPolicy: { instructions: 'x' },
      keepAlive: 'empty-chunk',
      websocket: false,
      approval: [],
      expiresAt: new Date(4_000_000_000_000),
    });
    expect(refusedBy(() => newFields({ ...input, expires_at: 5 }, undefined))?.slice(0, 2)).toEqual([
      'invalid_value',
      'expires_at',
    ]);
  });
});
