import { Injectable } from '@nestjs/common';
import type { CreateKeyRequest } from '../../contracts/keys.js';
import { writing } from '../../platform/database/prisma-errors.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter, type AuditEntry } from '../audit/audit-writer.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { KeyGranting } from './key-granting.js';
import { KeyNotices, type NoticedKey } from './key-notices.js';
import { KeySecretsRepository } from './key-secrets.repository.js';
import { KeysRepository, type NewKey } from './keys.repository.js';
import { newFields } from './new-fields.js';

/** A key as a file describes it; it may be born disabled. */
export type BatchKey = Omit<CreateKeyRequest, 'tenant'> & { readonly state?: 'active' | 'disabled' | undefined };

/** A key that was made, and its secret, which is shown this once. */
export interface BatchKeyMade {
  readonly id: string;
  readonly secret: string;
  /** What of it has no effect. */
  readonly notices: readonly string[];
}

/** Makes many keys at once, each under the rules of a single one, with a few statements for all that are given. */
@Injectable()
export class KeyBatchService {
  constructor(
    private readonly keys: KeysRepository,
    private readonly secrets: KeySecretsRepository,
    private readonly granting: KeyGranting,
    private readonly notices: KeyNotices,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * @param inPlaceOf runs the checks of the key with this number, and may add to an error where it stands.
   * @throws AppError as for a single key; conflict for a name that was taken meanwhile.
   */
  async createIn(
    tx: Transaction,
    actor: Actor,
    inputs: readonly BatchKey[],
    inPlaceOf: <T>(at: number, work: () => Promise<T>) => Promise<T>,
  ): Promise<BatchKeyMade[]> {
    const fresh: NewKey[] = [];
    for (const [at, input] of inputs.entries()) fresh.push(await inPlaceOf(at, () => this.plan(tx, actor, input)));
    const ids = await writing('key', () => this.keys.createMany(tx, actor.tenantId, fresh));
    const secrets = await this.secrets.issueMany(tx, actor.tenantId, ids);
    const entries = inputs.flatMap((input, at) => auditOf(input, fresh[at], ids[at]));
    await this.audit.recordMany(tx, actor, entries);
    const noticed = inputs.flatMap((input, at) => noticedOf(input, fresh[at]));
    const notices = await this.notices.ofMany(tx, actor.tenantId, noticed);
    return ids.map((id, at) => ({ id, secret: secrets[at] ?? '', notices: notices[at] ?? [] }));
  }

  private async plan(tx: Transaction, actor: Actor, { state = 'active', ...input }: BatchKey): Promise<NewKey> {
    const { purpose, preset, granted } = await this.granting.forNew(tx, actor, input);
    return { ...newFields(input, preset?.limits), ...granted, purpose, preset: preset?.slug ?? null, state };
  }
}

function noticedOf(input: BatchKey, fields: NewKey | undefined): NoticedKey[] {
  if (fields === undefined) return [];
  return [{ purpose: fields.purpose, given: { ...input, limits: fields.limits }, fields }];
}

function auditOf({ state, ...changes }: BatchKey, made: NewKey | undefined, id: string | undefined): AuditEntry[] {
  if (made === undefined || id === undefined) return [];
  const { purpose, scopes, limits } = made;
  const created = { action: 'create', kind: 'key', objectId: id, changes: { ...changes, purpose, scopes, limits } };
  return state === 'disabled' ? [created, { action: 'disable', kind: 'key', objectId: id, changes: { state } }] : [created];
}
