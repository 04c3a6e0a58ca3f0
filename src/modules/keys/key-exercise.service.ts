import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { narrowestPreset } from '../../catalog/narrowing.js';
import { passedOn } from '../../catalog/purposes.js';
import { scopes, type Purpose, type Scope } from '../../contracts/scopes.js';
import type { KeyExercise } from '../../platform/database/generated/client.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { neededOf, type UsedKey, type UsedThing } from './key-coverage.js';
import type { KeyRow } from './key-row.js';
import { KeyViews, type KeyView } from './key-views.js';
import { KeysRepository } from './keys.repository.js';
import { PresetsService } from './presets.service.js';

/** A key that the key of a report links, with what it grants and was not needed. */
export interface LinkedKey {
  readonly as: 'inference' | 'upload';
  readonly row: KeyRow;
  readonly unused: readonly Scope[];
}

/** What a key may do and what it really used. */
export interface KeyExerciseReport {
  readonly view: KeyView;
  /** Undefined: since the key was made. */
  readonly since: Date | undefined;
  readonly until: Date;
  readonly used: readonly KeyExercise[];
  readonly granted: readonly Scope[];
  readonly exercised: readonly Scope[];
  readonly unused: readonly Scope[];
  /** Undefined when no scope of the key's own was needed. */
  readonly narrowest: { readonly scopes: readonly Scope[]; readonly preset: string | undefined } | undefined;
  readonly links: readonly LinkedKey[];
  readonly linkedBy: readonly KeyRow[];
}

/** Compares what keys may do with what they really used. */
@Injectable()
export class KeyExerciseService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly views: KeyViews,
    private readonly keys: KeysRepository,
    private readonly presets: PresetsService,
  ) {}

  /** @param since only calls that were made then or later count. @throws AppError not_found. */
  async report(actor: Actor, idOrName: string, since: Date | undefined): Promise<KeyExerciseReport> {
    return this.database.run(actor.tenantId, async (tx) =>
      this.reportIn(tx, actor, await this.views.findIn(tx, actor.tenantId, idOrName), since),
    );
  }

  /** The same of a key that was read in the caller's transaction. */
  async reportIn(tx: Transaction, { tenantId }: Actor, view: KeyView, since: Date | undefined): Promise<KeyExerciseReport> {
    const { row, identity } = view;
    const until = new Date();
    const linkedBy = await this.keys.linking(tx, tenantId, row.id);
    const linking = await this.views.ofRows(tx, tenantId, linkedBy);
    const used = await this.keys.exercise(tx, tenantId, [row.id, ...linkedBy.map(({ id }) => id)], since);
    const usedBy = (id: string) => used.filter(({ keyId }) => keyId === id);
    const asUsed = (each: KeyView) => usedKey(each, usedBy(each.row.id));
    const needed = neededOf(asUsed(view), linking.map(asUsed));
    const granted = scopes.filter((scope) => identity.key.effectiveScopes.has(scope));
    const own = ownScopesOf(row);
    const left = own.filter((scope) => needed.has(scope));
    const presets = await this.presets.allIn(tx, tenantId);
    const preset = narrowestPreset(presets, row.purpose as Purpose, new Set(left), new Set(own));
    return {
      view,
      since,
      until,
      used: usedBy(row.id),
      granted,
      exercised: granted.filter((scope) => needed.has(scope)),
      unused: granted.filter((scope) => !needed.has(scope)),
      narrowest: left.length === 0 ? undefined : { scopes: left, preset: preset?.slug },
      links: await this.links(tx, tenantId, view, needed),
      linkedBy,
    };
  }

  private async links(
    tx: Transaction,
    tenantId: string,
    { row, identity }: KeyView,
    needed: ReadonlySet<Scope>,
  ): Promise<LinkedKey[]> {
    const ids = { inference: row.inferenceKeyId, upload: row.uploadKeyId } as const;
    const found = await this.keys.findNamed(
      tx,
      tenantId,
      Object.values(ids).filter((id) => id !== null),
    );
    return (['inference', 'upload'] as const).flatMap((as) => {
      const linked = ids[as] === null ? undefined : found.get(ids[as]);
      if (linked === undefined) return [];
      const passed = passedOn(as, ownScopesOf(linked));
      const unused = passed.filter((scope) => identity.key.effectiveScopes.has(scope) && !needed.has(scope));
      return [{ as, row: linked, unused }];
    });
  }
}

/** The scopes of a key itself, without those of its links, whether its preset still grants them or not; in the table's order. */
export function ownScopesOf({ scopes: held }: Pick<KeyRow, 'scopes'>): Scope[] {
  return scopes.filter((scope) => held.includes(scope));
}

function usedKey({ row, identity }: KeyView, used: readonly UsedThing[]): UsedKey {
  return {
    purpose: row.purpose as Purpose,
    scopes: ownScopesOf(row),
    linkedScopes: row.inferenceKey?.scopes ?? [],
    effective: identity.key.effectiveScopes,
    used,
  };
}
