import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { KeyReportQuery } from '../../contracts/key-report.js';
import type { RowPage } from '../../contracts/lists.js';
import type { Scope } from '../../contracts/scopes.js';
import { TenantDatabase } from '../../platform/database/tenant-database.js';
import { KeyExerciseService } from '../keys/key-exercise.service.js';
import type { KeyView } from '../keys/key-views.js';
import { KeysService } from '../keys/keys.service.js';
import { findingsOf, type KeyFinding } from './key-findings.js';

/** One key of a report. */
export interface ReportedKey {
  readonly view: KeyView;
  readonly findings: readonly KeyFinding[];
  readonly unusedScopes: readonly Scope[];
  readonly narrowestPreset: string | null;
}

/** Goes through a tenant's keys for what should be looked after. */
@Injectable()
export class KeyFindingsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly keys: KeysService,
    private readonly exercise: KeyExerciseService,
  ) {}

  /** A page of keys, each with what was found at it. */
  async report(actor: Actor, query: KeyReportQuery): Promise<RowPage<ReportedKey>> {
    const { unused_days: unusedDays, expiring_days: expiringDays, ...filter } = query;
    const page = await this.keys.list(actor, filter, filter);
    const rows = await this.database.run(actor.tenantId, async (transaction) => {
      const reported: ReportedKey[] = [];
      for (const view of page.rows) {
        const { narrowest } = await this.exercise.reportIn(transaction, actor, view, undefined);
        const needed = new Set<string>(narrowest?.scopes ?? []);
        const unusedScopes = (view.row.scopes as Scope[]).filter((scope) => !needed.has(scope));
        const { state, createdAt, lastUsedAt, expiresAt } = view.row;
        const judged = {
          state,
          createdAtMs: createdAt.getTime(),
          lastUsedAtMs: lastUsedAt?.getTime() ?? null,
          expiresAtMs: expiresAt?.getTime() ?? null,
          unusedScopes: unusedScopes.length,
        };
        const findings = findingsOf(judged, { unusedDays, expiringDays }, Date.now());
        reported.push({ view, findings, unusedScopes, narrowestPreset: narrowest?.preset ?? null });
      }
      return reported;
    });
    return { rows, hasMore: page.hasMore };
  }
}
