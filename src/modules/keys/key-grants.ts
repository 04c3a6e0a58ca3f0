import { fitsPurpose, scopesOfPurpose } from '../../catalog/purposes.js';
import { roleReaches, type AdminRole } from '../../catalog/admin/roles.js';
import { keyLimits, type KeyLimits, type LimitsPatch } from '../../contracts/key-limits.js';
import type { CreateKeyRequest } from '../../contracts/keys.js';
import type { Purpose, Scope } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';

/** What bounds a key: its purpose and, when it has one, its preset. */
export interface GrantBounds {
  readonly purpose: Purpose;
  readonly preset: { readonly slug: string; readonly scopes: readonly Scope[] } | undefined;
}

/** What a new key is to be granted. */
export interface Grant extends GrantBounds {
  readonly scopes: readonly Scope[];
}

type PresetBounds = { readonly slug: string; readonly purpose: Purpose; readonly scopes: readonly Scope[] };

/**
 * What a request for a key asks for: a preset, narrowed by `scopes`, or a purpose and scopes (contract section 4).
 * @throws AppError missing_required_parameter, or invalid_value for what exceeds the preset or the purpose.
 */
export function newGrant(input: Pick<CreateKeyRequest, 'purpose' | 'scopes'>, preset: PresetBounds | undefined): Grant {
  if (preset === undefined) {
    if (input.purpose === undefined) throw missing('preset', "Missing required parameter: 'preset', or 'purpose' and 'scopes'.");
    if (input.scopes === undefined)
      throw missing('scopes', "Missing required parameter: 'scopes' (a key without a preset names its own).");
    const bounds = { purpose: input.purpose, preset };
    return { ...bounds, scopes: scopesWithin(bounds, input.scopes) };
  }
  if (input.purpose !== undefined && input.purpose !== preset.purpose) {
    throw new AppError('invalid_value', {
      param: 'purpose',
      message: `The preset ${preset.slug} has the purpose ${preset.purpose}.`,
    });
  }
  const bounds = { purpose: preset.purpose, preset };
  return { ...bounds, scopes: scopesWithin(bounds, input.scopes ?? preset.scopes) };
}

/** The scopes without repetition. @throws AppError invalid_value for the first one beyond preset or purpose. */
export function scopesWithin({ purpose, preset }: GrantBounds, scopes: readonly Scope[]): Scope[] {
  const beyondPreset = preset === undefined ? undefined : scopes.find((scope) => !preset.scopes.includes(scope));
  if (preset !== undefined && beyondPreset !== undefined) {
    throw new AppError('invalid_value', {
      param: 'scopes',
      message: `The preset ${preset.slug} does not have the scope ${beyondPreset}: a key never grants beyond its preset (${preset.scopes.join(', ')}).`,
    });
  }
  refuseBeyondPurpose(purpose, scopes);
  return [...new Set(scopes)];
}

/** @throws AppError invalid_value when a key or preset of this purpose may not hold one of the scopes. */
export function refuseBeyondPurpose(purpose: Purpose, scopes: readonly Scope[]): void {
  const beyond = scopes.find((scope) => !fitsPurpose(purpose, scope));
  if (beyond === undefined) return;
  throw new AppError('invalid_value', {
    param: 'scopes',
    message: `The purpose ${purpose} does not go with the scope ${beyond}, only with ${scopesOfPurpose(purpose).join(', ')}.`,
  });
}

/**
 * Only owners grant `inference:override`, and nobody gives out, widens or takes over what the own role may not grant.
 * @param scopes what the key or preset holds, before and after, links included.
 * @throws AppError insufficient_role.
 */
export function refuseBeyondRole(role: AdminRole, scopes: readonly string[]): void {
  if (!scopes.includes('inference:override') || roleReaches(role, 'owner')) return;
  throw new AppError('insufficient_role', { message: `Only owners grant inference:override; your token has the role ${role}.` });
}

/** Limits with some of them given anew: absent ones stay, null takes one away. */
export function mergedLimits(base: KeyLimits | undefined, given: LimitsPatch): KeyLimits {
  return keyLimits.parse({ ...base, ...given });
}

/** The moment as a date. @param seconds Unix seconds, null: never. @throws AppError invalid_value when it is not ahead. */
export function expiryAhead(seconds: number | null, nowMs: number): Date | null {
  if (seconds === null) return null;
  if (seconds * 1000 <= nowMs)
    throw new AppError('invalid_value', { param: 'expires_at', message: "'expires_at' must be in the future." });
  return new Date(seconds * 1000);
}

function missing(param: string, message: string): AppError {
  return new AppError('missing_required_parameter', { param, message });
}
