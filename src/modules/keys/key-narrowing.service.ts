import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { Scope } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { KeyExerciseService, ownScopesOf } from './key-exercise.service.js';
import { refuseRevoked } from './key-granting.js';
import type { KeyRow } from './key-row.js';
import { KeyViews } from './key-views.js';
import { KeysRepository } from './keys.repository.js';

/** Which calls count, and whether anything is to be changed. */
export interface NarrowingRequest {
  readonly since: Date | undefined;
  readonly dryRun: boolean;
}

/** What narrowing takes from a key. */
export interface KeyNarrowing extends NarrowingRequest {
  readonly row: KeyRow;
  readonly before: readonly Scope[];
  readonly after: readonly Scope[];
  readonly removed: readonly Scope[];
  /** The narrowest preset that a new key for the same calls could have. */
  readonly preset: string | undefined;
}

/** Takes from keys what their calls did not need. */
@Injectable()
export class KeyNarrowingService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly views: KeyViews,
    private readonly keys: KeysRepository,
    private readonly exercise: KeyExerciseService,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * Leaves the key those of its own scopes that its calls needed, and those of the keys that link it. It adds none, and a
   * second time it changes nothing. Whoever may change keys may take away what the own role could not grant.
   * @throws AppError not_found; conflict for a revoked key, and for one of which no scope was needed.
   */
  async narrow(actor: Actor, idOrName: string, { since, dryRun }: NarrowingRequest): Promise<KeyNarrowing> {
    const { tenantId } = actor;
    return this.database.run(tenantId, async (tx) => {
      const view = await this.views.lockIn(tx, tenantId, idOrName);
      const { row } = view;
      refuseRevoked(row);
      const { narrowest, exercised } = await this.exercise.reportIn(tx, actor, view, since);
      if (narrowest === undefined) throw nothingNeeded(since, exercised.length > 0);
      const { scopes: after, preset } = narrowest;
      const before = ownScopesOf(row);
      const removed = before.filter((scope) => !after.includes(scope));
      if (removed.length > 0 && !dryRun) {
        await this.keys.setScopes(tx, tenantId, row.id, after);
        const changes = { scopes: after, removed, since: since?.toISOString() ?? null };
        const entry = { kind: 'key', objectId: row.id, changes, before: { scopes: before } };
        await this.audit.record(tx, actor, { action: 'narrow', ...entry });
      }
      return { row, since, dryRun, before, after, removed, preset };
    });
  }
}

function nothingNeeded(since: Date | undefined, usedLinks: boolean): AppError {
  const when = since === undefined ? '' : ` since ${since.toISOString()}`;
  const what = usedLinks ? "of the key's own: its calls used its links alone" : 'of the key';
  return new AppError('conflict', {
    message: `No call${when} needed a scope ${what}. A key keeps at least one scope: disable or revoke it if nobody uses it.`,
  });
}
