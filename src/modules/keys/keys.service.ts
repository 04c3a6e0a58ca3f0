import { Injectable } from '@nestjs/common';
import type { CreateKeyRequest, UpdateKeyRequest } from '../../contracts/keys.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { deleting, writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { beforeAndAfter } from '../audit/before-and-after.js';
import { auditedKey } from './audited-key.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { planChange } from './key-changes.js';
import { grantNew, KeyGranting, namesInChange } from './key-granting.js';
import { KeyContentsRepository, refuseFull } from './key-contents.repository.js';
import { KeyNotices } from './key-notices.js';
import { KeySecretsRepository } from './key-secrets.repository.js';
import { KeyViews, refuseLinks, type KeyView } from './key-views.js';
import { newFields } from './new-fields.js';
import { KeysRepository, type KeyFilter } from './keys.repository.js';

/** A key and its new secret, which is shown this once. */
export interface IssuedKey {
  readonly key: KeyView;
  readonly secret: string;
}

/** A key that was made, with what of it has no effect. */
export interface CreatedKey extends IssuedKey {
  readonly notices: readonly string[];
}

/** A key after a change, with what of the change has no effect. */
export interface ChangedKey {
  readonly changed: boolean;
  readonly value: KeyView;
  readonly notices: readonly string[];
}

/** Making, changing and removing keys on the admin plane. Keys are named by id or by name; an id wins. */
@Injectable()
export class KeysService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly views: KeyViews,
    private readonly keys: KeysRepository,
    private readonly secrets: KeySecretsRepository,
    private readonly granting: KeyGranting,
    private readonly contents: KeyContentsRepository,
    private readonly notices: KeyNotices,
    private readonly audit: AuditWriter,
  ) {}

  list(actor: Actor, filter: KeyFilter, query: ListQuery): Promise<RowPage<KeyView>> {
    return this.database.run(actor.tenantId, async (tx) => {
      const page = await this.keys.list(tx, actor.tenantId, filter, query);
      return { ...page, rows: await this.views.ofRows(tx, actor.tenantId, page.rows) };
    });
  }

  get(actor: Actor, idOrName: string): Promise<KeyView> {
    return this.database.run(actor.tenantId, (tx) => this.views.findIn(tx, actor.tenantId, idOrName));
  }

  create(actor: Actor, input: CreateKeyRequest): Promise<CreatedKey> {
    return this.database.run(actor.tenantId, (tx) => this.createIn(tx, actor, input));
  }

  update(actor: Actor, idOrName: string, input: UpdateKeyRequest): Promise<ChangedKey> {
    return this.database.run(actor.tenantId, (tx) => this.updateIn(tx, actor, idOrName, input));
  }

  delete(actor: Actor, idOrName: string): Promise<KeyView> {
    return this.database.run(actor.tenantId, (tx) => this.deleteIn(tx, actor, idOrName));
  }

  /** @throws AppError missing_required_parameter, invalid_value, insufficient_role, conflict for a taken name. */
  async createIn(tx: Transaction, actor: Actor, input: CreateKeyRequest): Promise<CreatedKey> {
    const { tenantId } = actor;
    const { purpose, preset, granted } = grantNew(actor, input, await this.granting.sources(tx, tenantId, [input]));
    const fields = { ...newFields(input, preset?.limits), ...granted };
    const id = await writing('key', () => this.keys.create(tx, tenantId, { ...fields, purpose, preset: preset?.slug ?? null }));
    const secret = await this.secrets.issue(tx, tenantId, id);
    const { tenant: _tenant, ...changes } = input;
    await this.audit.record(tx, actor, {
      action: 'create',
      kind: 'key',
      objectId: id,
      changes: { ...changes, purpose, scopes: fields.scopes, limits: fields.limits },
    });
    const notices = await this.notices.of(tx, tenantId, { purpose, given: { ...input, limits: fields.limits }, fields });
    return { key: await this.views.findIn(tx, tenantId, id), secret, notices };
  }

  /** Changes the given fields. @throws AppError not_found, conflict for a revoked key, and as `createIn`. */
  async updateIn(tx: Transaction, actor: Actor, idOrName: string, input: UpdateKeyRequest): Promise<ChangedKey> {
    const { tenantId } = actor;
    const row = await this.views.lockRowIn(tx, tenantId, idOrName);
    const sources = await this.granting.sources(tx, tenantId, [namesInChange(row, input)]);
    const { fields, isChange } = planChange(actor, row, input, sources);
    const notices = await this.notices.of(tx, tenantId, { purpose: row.purpose, given: input, fields });
    if (!isChange) {
      return { changed: false, value: await this.views.ofRow(tx, tenantId, row), notices };
    }
    await writing('key', () => this.keys.update(tx, tenantId, row.id, fields));
    const value = await this.views.findIn(tx, tenantId, row.id);
    const changed = beforeAndAfter(auditedKey(row), auditedKey(value.row));
    await this.audit.record(tx, actor, { action: 'update', kind: 'key', objectId: row.id, ...changed });
    return { changed: true, value, notices };
  }

  /**
   * Removes the key with its secrets; its usage stays.
   * @param changes what the audit says besides the name.
   * @throws AppError not_found, conflict while others link it or while it has conversations or files.
   */
  async deleteIn(tx: Transaction, actor: Actor, idOrName: string, changes: object = {}): Promise<KeyView> {
    const view = await this.views.lockIn(tx, actor.tenantId, idOrName);
    await this.refuseLinked(tx, actor, view.row.id);
    refuseFull(await this.contents.count(tx, actor.tenantId, view.row.id));
    await deleting('key', () => this.keys.delete(tx, actor.tenantId, view.row.id));
    await this.audit.record(tx, actor, {
      action: 'delete',
      kind: 'key',
      objectId: view.row.id,
      changes: { name: view.row.name, ...changes },
      before: auditedKey(view.row),
    });
    return view;
  }

  /** @throws AppError conflict while other keys link it. */
  async refuseLinked(tx: Transaction, { tenantId }: Actor, id: string): Promise<void> {
    refuseLinks(await this.keys.linkingKeys(tx, tenantId, id));
  }
}
