import { Injectable } from '@nestjs/common';
import type { CreateKeyRequest, UpdateKeyRequest } from '../../contracts/keys.js';
import type { Purpose } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { newGrant, refuseBeyondRole, scopesWithin } from './key-grants.js';
import { KeyLinking } from './key-links.js';
import type { KeyFields, KeyRow } from './keys.repository.js';
import type { PresetRecord } from './presets.repository.js';
import { PresetsService } from './presets.service.js';

export type GrantedFields = Pick<KeyFields, 'scopes' | 'inferenceKeyId' | 'uploadKeyId'>;

export interface NewKeyGrant {
  readonly purpose: Purpose;
  readonly preset: PresetRecord | undefined;
  readonly granted: GrantedFields;
}

/** What a key is granted, held against its preset, its purpose, its links and the role of who grants it. */
@Injectable()
export class KeyGranting {
  constructor(
    private readonly presets: PresetsService,
    private readonly linking: KeyLinking,
  ) {}

  /** @throws AppError missing_required_parameter, invalid_value, insufficient_role. */
  async forNew(tx: Transaction, actor: Actor, input: CreateKeyRequest): Promise<NewKeyGrant> {
    const preset = input.preset === undefined ? undefined : await this.presets.useIn(tx, actor.tenantId, input.preset);
    const { purpose, scopes } = newGrant(input, preset);
    const { scopes: linked, ...ids } = await this.linking.resolve(tx, actor.tenantId, purpose, input.links);
    refuseBeyondRole(actor.role, [...scopes, ...linked]);
    return { purpose, preset, granted: { scopes, ...ids } };
  }

  /** Scopes and links as far as they are given anew. @throws AppError invalid_value, insufficient_role. */
  async forChange(tx: Transaction, actor: Actor, row: KeyRow, input: UpdateKeyRequest): Promise<Partial<GrantedFields>> {
    refuseBeyondRole(actor.role, heldScopes(row));
    const purpose = row.purpose as Purpose;
    const preset =
      row.preset === null || input.scopes === undefined ? undefined : await this.presets.useIn(tx, actor.tenantId, row.preset);
    const scopes = input.scopes === undefined ? undefined : scopesWithin({ purpose, preset }, input.scopes);
    const links = input.links === undefined ? undefined : await this.linking.resolve(tx, actor.tenantId, purpose, input.links);
    refuseBeyondRole(actor.role, [...(scopes ?? []), ...(links?.scopes ?? [])]);
    return {
      ...(scopes === undefined ? {} : { scopes }),
      ...(links === undefined ? {} : { inferenceKeyId: links.inferenceKeyId, uploadKeyId: links.uploadKeyId }),
    };
  }
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
