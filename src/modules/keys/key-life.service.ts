import { Injectable } from '@nestjs/common';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { heldScopes, refuseRevoked } from './key-granting.js';
import { refuseBeyondRole } from './key-grants.js';
import { KeySecretsRepository } from './key-secrets.repository.js';
import { KeyViews, type KeyView } from './key-views.js';
import { KeysRepository } from './keys.repository.js';
import type { IssuedKey } from './keys.service.js';

const verbs = { active: 'enable', disabled: 'disable', revoked: 'revoke' } as const;

/** Rotating, disabling, enabling and revoking keys. The answer to each comes when it is committed. */
@Injectable()
export class KeyLifeService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly views: KeyViews,
    private readonly keys: KeysRepository,
    private readonly secrets: KeySecretsRepository,
    private readonly audit: AuditWriter,
  ) {}

  rotate(actor: Actor, idOrName: string, overlapSeconds: number): Promise<IssuedKey> {
    return this.database.run(actor.tenantId, (tx) => this.rotateIn(tx, actor, idOrName, overlapSeconds));
  }

  setState(actor: Actor, idOrName: string, state: 'active' | 'disabled' | 'revoked'): Promise<KeyView> {
    return this.database.run(actor.tenantId, async (tx) => (await this.setStateIn(tx, actor, idOrName, state)).value);
  }

  /**
   * Gives the key a new secret. The old ones live on for `overlapSeconds`; with 0 they end with this transaction.
   * @throws AppError not_found, conflict for a revoked key, insufficient_role.
   */
  async rotateIn(tx: Transaction, actor: Actor, idOrName: string, overlapSeconds: number): Promise<IssuedKey> {
    const row = await this.views.lockRowIn(tx, actor.tenantId, idOrName);
    refuseRevoked(row);
    refuseBeyondRole(actor.role, heldScopes(row));
    const now = new Date();
    await this.secrets.endAt(tx, actor.tenantId, row.id, new Date(now.getTime() + overlapSeconds * 1000), now);
    const secret = await this.secrets.issue(tx, actor.tenantId, row.id);
    await this.audit.record(tx, actor, {
      action: 'rotate',
      kind: 'key',
      objectId: row.id,
      changes: { overlap_seconds: overlapSeconds, last_four: secret.slice(-4) },
      before: { last_four: row.secrets[0]?.lastFour ?? null },
    });
    return { key: await this.views.findIn(tx, actor.tenantId, row.id), secret };
  }

  /**
   * Disables, enables or revokes the key. Anyone who may change keys may take permissions away; giving them back needs
   * the role that may grant them.
   * @throws AppError not_found, conflict for a revoked key that is to be anything else, insufficient_role.
   */
  async setStateIn(
    tx: Transaction,
    actor: Actor,
    idOrName: string,
    state: 'active' | 'disabled' | 'revoked',
  ): Promise<{ changed: boolean; value: KeyView }> {
    const row = await this.views.lockRowIn(tx, actor.tenantId, idOrName);
    if (state !== 'revoked') refuseRevoked(row);
    if (state === 'active') refuseBeyondRole(actor.role, heldScopes(row));
    if (row.state === state) return { changed: false, value: await this.views.ofRow(tx, actor.tenantId, row) };
    await this.keys.setState(tx, actor.tenantId, row.id, state);
    const entry = { kind: 'key', objectId: row.id, changes: { state }, before: { state: row.state } };
    await this.audit.record(tx, actor, { action: verbs[state], ...entry });
    return { changed: true, value: await this.views.ofRow(tx, actor.tenantId, { ...row, state }) };
  }
}
