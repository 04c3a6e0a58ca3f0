import { Injectable } from '@nestjs/common';
import type { CreateKeyRequest, UpdateKeyRequest } from '../../contracts/keys.js';
import { mapInSlices } from '../../kernel/breather.js';
import { deleting, writing } from '../../platform/database/prisma-errors.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter, type AuditEntry } from '../audit/audit-writer.js';
import { beforeAndAfter } from '../audit/before-and-after.js';
import { auditedKey } from './audited-key.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { KeyBatchesRepository } from './key-batches.repository.js';
import { planChange, type PlannedChange } from './key-changes.js';
import { KeyContentsRepository, refuseFull } from './key-contents.repository.js';
import { grantNew, heldScopes, KeyGranting, namesInChange, type GrantSources } from './key-granting.js';
import { refuseBeyondRole } from './key-grants.js';
import { KeyNotices, type NoticedKey } from './key-notices.js';
import { KeySecretsRepository } from './key-secrets.repository.js';
import type { KeyRow } from './key-row.js';
import type { NewKey } from './keys.repository.js';
import { noSuchKey, refuseLinks } from './key-views.js';
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

/** What is to become of a key that is there. */
export interface BatchKeyChange {
  readonly id: string;
  readonly input: UpdateKeyRequest;
  readonly state?: 'active' | 'disabled' | undefined;
}

export interface BatchKeyChanged {
  readonly changed: boolean;
  readonly notices: readonly string[];
}

/** Runs what belongs to the key with this number, and may add to its error where it stands. */
export type InPlaceOf = <T>(at: number, work: () => T) => T;

interface Planned extends PlannedChange {
  readonly row: KeyRow;
  /** The state that the key gets; undefined when it keeps the one it has. */
  readonly state: 'active' | 'disabled' | undefined;
}

/** Makes, changes and removes many keys at once, each under the rules of a single one, with a few statements for all. */
@Injectable()
export class KeyBatchService {
  constructor(
    private readonly keys: KeyBatchesRepository,
    private readonly secrets: KeySecretsRepository,
    private readonly granting: KeyGranting,
    private readonly contents: KeyContentsRepository,
    private readonly notices: KeyNotices,
    private readonly audit: AuditWriter,
  ) {}

  /** @throws AppError as for a single key; conflict for a name that was taken meanwhile. */
  async createIn(tx: Transaction, actor: Actor, inputs: readonly BatchKey[], inPlaceOf: InPlaceOf): Promise<BatchKeyMade[]> {
    const { tenantId } = actor;
    const sources = await this.granting.sources(tx, tenantId, inputs);
    const fresh = await mapInSlices(inputs, (input, at) => inPlaceOf(at, () => newKey(actor, input, sources)));
    const ids = await writing('key', () => this.keys.create(tx, tenantId, fresh));
    const secrets = await this.secrets.issueMany(tx, tenantId, ids);
    const entries = inputs.flatMap((input, at) => auditOf(input, fresh[at], ids[at]));
    await this.audit.recordMany(tx, actor, entries);
    const noticed = inputs.flatMap((input, at) => noticedOf(input, fresh[at]));
    const notices = await this.notices.ofMany(tx, tenantId, noticed);
    return ids.map((id, at) => ({ id, secret: secrets[at] ?? '', notices: notices[at] ?? [] }));
  }

  /** @throws AppError as for a single key. */
  async changeIn(
    tx: Transaction,
    actor: Actor,
    changes: readonly BatchKeyChange[],
    inPlaceOf: InPlaceOf,
  ): Promise<BatchKeyChanged[]> {
    const { tenantId } = actor;
    const rows = await this.keys.lock(
      tx,
      tenantId,
      changes.map(({ id }) => id),
    );
    const named = changes.flatMap(({ id, input }) => {
      const row = rows.get(id);
      return row === undefined ? [] : [namesInChange(row, input)];
    });
    const sources = await this.granting.sources(tx, tenantId, named);
    const plans = await mapInSlices(changes, (change, at) =>
      inPlaceOf(at, () => plan(actor, rows.get(change.id), change, sources)),
    );
    const changing = plans.flatMap(({ row, fields, isChange }) => (isChange ? [{ id: row.id, fields }] : []));
    if (changing.length > 0) await writing('key', () => this.keys.update(tx, tenantId, changing));
    for (const state of ['active', 'disabled'] as const) {
      const moving = plans.filter((one) => one.state === state).map(({ row }) => row.id);
      if (moving.length > 0) await this.keys.setState(tx, tenantId, moving, state);
    }
    const entries = plans.flatMap(auditOfChange);
    if (entries.length > 0) await this.audit.recordMany(tx, actor, entries);
    const noticed = plans.map(({ row, fields }, at) => ({ purpose: row.purpose, given: changes[at]?.input ?? {}, fields }));
    const notices = await this.notices.ofMany(tx, tenantId, noticed);
    return plans.map(({ isChange, state }, at) => {
      const isSaid = Object.keys(changes[at]?.input ?? {}).length > 0;
      return { changed: isChange || state !== undefined, notices: isSaid ? (notices[at] ?? []) : [] };
    });
  }

  /** @throws AppError as for a single key; keys of the batch may link one another. */
  async deleteIn(tx: Transaction, actor: Actor, ids: readonly string[], inPlaceOf: InPlaceOf): Promise<void> {
    const { tenantId } = actor;
    const rows = await this.keys.lock(tx, tenantId, ids);
    const linking = await this.keys.linkingOthers(tx, tenantId, ids);
    const contents = new Map((await this.contents.countEach(tx, tenantId, ids)).map((counted) => [counted.id, counted]));
    const entries = ids.map((id, at) =>
      inPlaceOf(at, (): AuditEntry => {
        const row = rows.get(id);
        if (row === undefined) throw noSuchKey();
        refuseLinks(linking.get(id) ?? []);
        refuseFull(contents.get(id) ?? { conversations: 0, files: 0 });
        return { action: 'delete', kind: 'key', objectId: id, changes: { name: row.name }, before: auditedKey(row) };
      }),
    );
    await deleting('key', () => this.keys.delete(tx, tenantId, ids));
    // Nothing new is kept for them from here on.
    await this.contents.removeKept(tx, tenantId, ids);
    await this.audit.recordMany(tx, actor, entries);
  }
}

function newKey(actor: Actor, { state = 'active', ...input }: BatchKey, sources: GrantSources): NewKey {
  const { purpose, preset, granted } = grantNew(actor, input, sources);
  return { ...newFields(input, preset?.limits), ...granted, purpose, preset: preset?.slug ?? null, state };
}

function plan(actor: Actor, row: KeyRow | undefined, { input, state }: BatchKeyChange, sources: GrantSources): Planned {
  if (row === undefined) throw noSuchKey();
  const planned = planChange(actor, row, input, sources);
  if (state === undefined || state === row.state) return { ...planned, row, state: undefined };
  if (state === 'active') refuseBeyondRole(actor.role, heldScopes(row));
  return { ...planned, row, state };
}

function noticedOf(input: BatchKey, fields: NewKey | undefined): NoticedKey[] {
  if (fields === undefined) return [];
  return [{ purpose: fields.purpose, given: { ...input, limits: fields.limits }, fields }];
}

function auditOf({ state, ...changes }: BatchKey, made: NewKey | undefined, id: string | undefined): AuditEntry[] {
  if (made === undefined || id === undefined) return [];
  const { purpose, scopes, limits } = made;
  const created = { action: 'create', kind: 'key', objectId: id, changes: { ...changes, purpose, scopes, limits } };
  if (state !== 'disabled') return [created];
  return [created, { action: 'disable', kind: 'key', objectId: id, changes: { state }, before: { state: 'active' } }];
}

function auditOfChange({ row, fields, isChange, state }: Planned): AuditEntry[] {
  const about = { kind: 'key', objectId: row.id };
  const changed = beforeAndAfter(auditedKey(row), auditedKey({ ...row, ...fields, scopes: [...fields.scopes] }));
  const changes = isChange ? [{ ...about, action: 'update', ...changed }] : [];
  if (state === undefined) return changes;
  const moved = { changes: { state }, before: { state: row.state } };
  return [...changes, { ...about, action: state === 'active' ? 'enable' : 'disable', ...moved }];
}
