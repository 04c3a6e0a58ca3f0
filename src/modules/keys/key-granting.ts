import { Injectable } from '@nestjs/common';
import type { CreateKeyRequest, UpdateKeyRequest } from '../../contracts/keys.js';
import type { Purpose } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { newGrant, refuseBeyondRole, scopesWithin } from './key-grants.js';
import { linksOf, namesInLinks, type NamedKeys } from './key-links.js';
import type { KeyRow } from './key-row.js';
import { KeysRepository, type KeyFields } from './keys.repository.js';
import type { PresetRecord } from './presets.repository.js';
import { PresetsService } from './presets.service.js';

export type GrantedFields = Pick<KeyFields, 'scopes' | 'inferenceKeyId' | 'uploadKeyId'>;

export interface NewKeyGrant {
  readonly purpose: Purpose;
  readonly preset: PresetRecord | undefined;
  readonly granted: GrantedFields;
}

/** What grants are held against: the presets and keys that requests name, by the names that they give. */
export interface GrantSources {
  readonly presets: ReadonlyMap<string, PresetRecord>;
  readonly keys: NamedKeys;
}

/** What a request for a key names. */
export interface GrantNames {
  readonly preset?: string | null | undefined;
  readonly links?: CreateKeyRequest['links'] | null;
}

/** What a key is granted, held against its preset, its purpose, its links and the role of who grants it. */
@Injectable()
export class KeyGranting {
  constructor(
    private readonly presets: PresetsService,
    private readonly keys: KeysRepository,
  ) {}

  /** Looks up what all these requests name, together. Presets stay as they are until the transaction ends. */
  async sources(tx: Transaction, tenantId: string, requests: readonly GrantNames[]): Promise<GrantSources> {
    const slugs = requests.flatMap(({ preset }) => (preset == null ? [] : [preset]));
    const names = requests.flatMap(({ links }) => namesInLinks(links ?? null));
    return {
      presets: await this.presets.useIn(tx, tenantId, [...new Set(slugs)]),
      keys: await this.keys.findNamed(tx, tenantId, [...new Set(names)]),
    };
  }
}

/** @throws AppError missing_required_parameter, invalid_value, insufficient_role. */
export function grantNew(actor: Actor, input: Omit<CreateKeyRequest, 'tenant'>, sources: GrantSources): NewKeyGrant {
  const preset = input.preset === undefined ? undefined : presetOf(sources, input.preset);
  const { purpose, scopes } = newGrant(input, preset);
  const { scopes: linked, ...ids } = linksOf(purpose, input.links, sources.keys);
  refuseBeyondRole(actor.role, [...scopes, ...linked]);
  return { purpose, preset, granted: { scopes, ...ids } };
}

/** What a change of a key names: its preset counts when its scopes are given anew. */
export function namesInChange(row: KeyRow, { scopes, links }: UpdateKeyRequest): GrantNames {
  return { preset: scopes === undefined ? null : row.preset, ...(links === undefined ? {} : { links }) };
}

/** Scopes and links as far as they are given anew. @throws AppError invalid_value, insufficient_role. */
export function grantChange(actor: Actor, row: KeyRow, input: UpdateKeyRequest, sources: GrantSources): Partial<GrantedFields> {
  refuseBeyondRole(actor.role, heldScopes(row));
  const purpose = row.purpose as Purpose;
  const preset = row.preset === null || input.scopes === undefined ? undefined : presetOf(sources, row.preset);
  const scopes = input.scopes === undefined ? undefined : scopesWithin({ purpose, preset }, input.scopes);
  const links = input.links === undefined ? undefined : linksOf(purpose, input.links, sources.keys);
  refuseBeyondRole(actor.role, [...(scopes ?? []), ...(links?.scopes ?? [])]);
  return {
    ...(scopes === undefined ? {} : { scopes }),
    ...(links === undefined ? {} : { inferenceKeyId: links.inferenceKeyId, uploadKeyId: links.uploadKeyId }),
  };
}

function presetOf({ presets }: GrantSources, slug: string): PresetRecord {
  const found = presets.get(slug);
  if (found === undefined) throw new AppError('invalid_value', { param: 'preset', message: `There is no preset "${slug}".` });
  return found;
}

/** What a key may ever grant: its own scopes and those of its inference link, whether they count just now or not. */
export function heldScopes(row: KeyRow): string[] {
  return [...row.scopes, ...(row.inferenceKey?.scopes ?? [])];
}

/** @throws AppError conflict: revoking is final. */
export function refuseRevoked({ state }: KeyRow): void {
  if (state === 'revoked')
    throw new AppError('conflict', { message: 'The key is revoked, and that is final. Create a new key.' });
}
