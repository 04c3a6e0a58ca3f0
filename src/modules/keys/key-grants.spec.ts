import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fitsPurpose } from '../../catalog/purposes.js';
import { builtInPresets } from '../../catalog/presets.js';
import { purposes, scopes } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import { expiryAhead, mergedLimits, newGrant, refuseBeyondPurpose, refuseBeyondRole, scopesWithin } from './key-grants.js';

const someScopes = fc.uniqueArray(fc.constantFrom(...scopes), { minLength: 1 });

/** The AppError that the work throws, or undefined. */
function refusedBy(work: () => unknown): AppError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

describe('newGrant', () => {
  it('never grants a scope that the preset does not have, and grants exactly what is asked within it', () => {
    fc.assert(
      fc.property(someScopes, fc.option(someScopes, { nil: undefined }), (presetScopes, asked) => {
        const preset = { slug: 'p', purpose: 'inference' as const, scopes: presetScopes };
        const error = refusedBy(() => newGrant({ purpose: undefined, scopes: asked }, preset));
        const within = (asked ?? presetScopes).every((scope) => presetScopes.includes(scope));
        expect([error?.code, error?.param]).toEqual(within ? [undefined, undefined] : ['invalid_value', 'scopes']);
        if (within) expect(newGrant({ purpose: undefined, scopes: asked }, preset).scopes).toEqual(asked ?? presetScopes);
      }),
    );
  });

  it('asks for a preset, or for a purpose and scopes', () => {
    expect(refusedBy(() => newGrant({ purpose: undefined, scopes: ['inference:chat'] }, undefined))).toMatchObject({
      code: 'missing_required_parameter',
      param: 'preset',
    });
    expect(refusedBy(() => newGrant({ purpose: 'inference', scopes: undefined }, undefined))).toMatchObject({
      code: 'missing_required_parameter',
      param: 'scopes',
    });
  });

  it('refuses a purpose that contradicts the preset', () => {
    const preset = { slug: 'p', purpose: 'upload' as const, scopes: ['datasets:write' as const] };
    expect(refusedBy(() => newGrant({ purpose: 'inference', scopes: undefined }, preset))).toMatchObject({
      code: 'invalid_value',
      param: 'purpose',
    });
    expect(newGrant({ purpose: 'upload', scopes: undefined }, preset).purpose).toBe('upload');
  });
});

describe('a refusal to grant', () => {
  const said = (work: () => unknown): (string | null | undefined)[] => {
    const error = refusedBy(work);
    return [error?.code, error?.param, error?.message];
  };
  const preset = { slug: 'p', purpose: 'upload' as const, scopes: ['datasets:read' as const, 'datasets:write' as const] };

  it('says what is missing, what contradicts, and what would have been within', () => {
    expect(said(() => newGrant({ purpose: undefined, scopes: undefined }, undefined))).toEqual([
      ...['missing_required_parameter', 'preset', "Missing required parameter: 'preset', or 'purpose' and 'scopes'."],
    ]);
    expect(said(() => newGrant({ purpose: 'upload', scopes: undefined }, undefined))).toEqual([
      ...['missing_required_parameter', 'scopes'],
      "Missing required parameter: 'scopes' (a key without a preset names its own).",
    ]);
    expect(said(() => newGrant({ purpose: 'inference', scopes: undefined }, preset))).toEqual([
      ...['invalid_value', 'purpose', 'The preset p has the purpose upload.'],
    ]);
    expect(said(() => newGrant({ purpose: undefined, scopes: ['datasets:read', 'usage:read'] }, preset))).toEqual([
      ...['invalid_value', 'scopes'],
      'The preset p does not have the scope usage:read: a key never grants beyond its preset (datasets:read, datasets:write).',
    ]);
    expect(said(() => refuseBeyondPurpose('upload', ['datasets:read', 'usage:read']))).toEqual([
      ...['invalid_value', 'scopes'],
      'The purpose upload does not go with the scope usage:read, only with datasets:read, datasets:write.',
    ]);
    expect(said(() => refuseBeyondRole('manager', ['inference:override']))).toEqual([
      ...['insufficient_role', null, 'Only owners grant inference:override; your token has the role manager.'],
    ]);
    expect(said(() => expiryAhead(1, 1_000))).toEqual(['invalid_value', 'expires_at', "'expires_at' must be in the future."]);
  });
});

describe('scopesWithin', () => {
  it('names each scope once', () => {
    expect(scopesWithin({ purpose: 'inference', preset: undefined }, ['usage:read', 'inference:chat', 'usage:read'])).toEqual([
      'usage:read',
      'inference:chat',
    ]);
  });
});

describe('purposes', () => {
  it('fit all built-in presets', () => {
    for (const preset of builtInPresets)
      expect(refusedBy(() => refuseBeyondPurpose(preset.purpose, preset.scopes))).toBeUndefined();
  });

  it('bound uploads to datasets and conversations to conversations', () => {
    fc.assert(
      fc.property(fc.constantFrom(...purposes), someScopes, (purpose, asked) => {
        const prefix = { inference: '', upload: 'datasets:', conversation: 'conversations:' }[purpose];
        const fits = asked.every((scope) => scope.startsWith(prefix));
        expect(refusedBy(() => refuseBeyondPurpose(purpose, asked)) === undefined).toBe(fits);
        expect(asked.every((scope) => fitsPurpose(purpose, scope))).toBe(fits);
      }),
    );
  });
});

describe('refuseBeyondRole', () => {
  it('lets owners and operators alone grant inference:override', () => {
    for (const role of ['viewer', 'manager'] as const) {
      expect(refusedBy(() => refuseBeyondRole(role, ['inference:override']))?.code).toBe('insufficient_role');
      expect(
        refusedBy(() =>
          refuseBeyondRole(
            role,
            scopes.filter((scope) => scope !== 'inference:override'),
          ),
        ),
      ).toBeUndefined();
    }
    for (const role of ['owner', 'operator'] as const) expect(refusedBy(() => refuseBeyondRole(role, scopes))).toBeUndefined();
  });
});

describe('mergedLimits', () => {
  it('keeps what is absent, replaces what is given, takes away what is null', () => {
    const base = mergedLimits(undefined, { requests_per_minute: 1, tokens_per_minute: 2, stored_bytes: 3 });
    expect(mergedLimits(base, { tokens_per_minute: 5, stored_bytes: null })).toEqual({
      requests_per_minute: 1,
      tokens_per_minute: 5,
      parallel_requests: null,
      uploads_per_day: null,
      stored_bytes: null,
    });
  });
});

describe('expiryAhead', () => {
  it('takes a moment that is ahead or none, and refuses the present and the past', () => {
    expect(expiryAhead(null, 5_000)).toBeNull();
    expect(expiryAhead(6, 5_000)).toEqual(new Date(6_000));
    for (const seconds of [5, 4])
      expect(refusedBy(() => expiryAhead(seconds, 5_000))).toMatchObject({ code: 'invalid_value', param: 'expires_at' });
  });
});
