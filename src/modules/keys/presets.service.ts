import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { builtInPreset, builtInPresets, type Preset } from '../../catalog/presets.js';
import { keyLimits } from '../../contracts/key-limits.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import type { CreatePresetRequest, UpdatePresetRequest } from '../../contracts/presets.js';
import type { Purpose, Scope } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import { pageOf } from '../../platform/database/cursor.js';
import { writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { auditedFields, beforeAndAfter, type AuditedFields } from '../audit/before-and-after.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { mergedLimits, refuseBeyondPurpose, refuseBeyondRole } from './key-grants.js';
import { PresetsRepository, type PresetFields, type PresetLinks, type PresetRecord } from './presets.repository.js';

export interface PresetFilter {
  readonly slug?: string | undefined;
  readonly purpose?: string | undefined;
  readonly builtIn?: boolean | undefined;
}

/** Presets of a tenant: the built-in ones, and its own. They are named by slug (or id). */
@Injectable()
export class PresetsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly presets: PresetsRepository,
    private readonly audit: AuditWriter,
  ) {}

  /** Built-in presets count as older than all others. */
  list(actor: Actor, filter: PresetFilter, query: ListQuery): Promise<RowPage<PresetRecord>> {
    return this.database.run(actor.tenantId, async (tx) => {
      const all = await this.allIn(tx, actor.tenantId);
      return pageOf(
        all.filter((preset) => fits(preset, filter)),
        all,
        query,
      );
    });
  }

  /** All that the tenant has, the built-in ones first. */
  async allIn(tx: Transaction, tenantId: string): Promise<PresetRecord[]> {
    return [...builtInPresets.map(builtIn), ...(await this.presets.all(tx, tenantId))];
  }

  get(actor: Actor, idOrSlug: string): Promise<PresetRecord> {
    return this.database.run(actor.tenantId, (tx) => this.findIn(tx, actor, idOrSlug));
  }

  create(actor: Actor, input: CreatePresetRequest): Promise<PresetRecord> {
    return this.database.run(actor.tenantId, (tx) => this.createIn(tx, actor, input));
  }

  update(actor: Actor, idOrSlug: string, input: UpdatePresetRequest): Promise<PresetRecord> {
    return this.database.run(actor.tenantId, async (tx) => (await this.updateIn(tx, actor, idOrSlug, input)).value);
  }

  delete(actor: Actor, idOrSlug: string): Promise<PresetRecord> {
    return this.database.run(actor.tenantId, (tx) => this.deleteIn(tx, actor, idOrSlug));
  }

  /** @throws AppError not_found. */
  async findIn(tx: Transaction, actor: Actor, idOrSlug: string): Promise<PresetRecord> {
    const found = await this.lookUpIn(tx, actor.tenantId, idOrSlug);
    if (found === undefined) throw new AppError('not_found', { message: 'No such preset.' });
    return found;
  }

  /** The presets that keys name, by these names, as far as they are there. None can be changed before the transaction ends. */
  async useIn(tx: Transaction, tenantId: string, idsOrSlugs: readonly string[]): Promise<ReadonlyMap<string, PresetRecord>> {
    const own = idsOrSlugs.filter((named) => builtInPreset(named) === undefined);
    const found = new Map(own.length === 0 ? [] : await this.presets.findForUse(tx, tenantId, own));
    for (const named of idsOrSlugs) {
      const preset = builtInPreset(named);
      if (preset !== undefined) found.set(named, builtIn(preset));
    }
    return found;
  }

  /** @throws AppError invalid_value, insufficient_role, conflict for a taken slug (a built-in one's too). */
  async createIn(tx: Transaction, actor: Actor, input: CreatePresetRequest): Promise<PresetRecord> {
    if (builtInPreset(input.slug) !== undefined) {
      throw new AppError('conflict', { param: 'slug', message: `The slug ${input.slug} belongs to a built-in preset.` });
    }
    const { slug, purpose } = input;
    const fields: PresetFields = {
      name: input.name,
      scopes: unique(input.scopes),
      limits: mergedLimits(undefined, input.limits),
      links: linksOf(input.links),
    };
    await this.refuseFaults(tx, actor, purpose, fields);
    refuseBeyondRole(actor.role, fields.scopes);
    const created = await writing('preset', () => this.presets.create(tx, actor.tenantId, { slug, purpose, ...fields }));
    await this.audit.record(tx, actor, {
      action: 'create',
      kind: 'preset',
      objectId: created.id,
      changes: { slug, purpose, ...fields },
    });
    return created;
  }

  /** Keys of the preset follow at once. @throws AppError as `createIn`, conflict for a built-in preset. */
  async updateIn(
    tx: Transaction,
    actor: Actor,
    idOrSlug: string,
    input: UpdatePresetRequest,
  ): Promise<{ changed: boolean; value: PresetRecord }> {
    const current = await this.ownIn(tx, actor, idOrSlug);
    const fields: PresetFields = {
      name: input.name ?? current.name,
      scopes: input.scopes === undefined ? current.scopes : unique(input.scopes),
      limits: mergedLimits(current.limits, input.limits ?? {}),
      links: input.links === undefined ? current.links : linksOf(input.links),
    };
    const { name, scopes, limits, links } = current;
    if (isDeepStrictEqual(fields, { name, scopes, limits, links })) return { changed: false, value: current };
    await this.refuseFaults(tx, actor, current.purpose, fields);
    refuseBeyondRole(actor.role, [...current.scopes, ...fields.scopes]);
    const value = await writing('preset', () => this.presets.update(tx, actor.tenantId, current.id, fields));
    const changed = beforeAndAfter(audited(current), audited(value));
    await this.audit.record(tx, actor, { action: 'update', kind: 'preset', objectId: current.id, ...changed });
    return { changed: true, value };
  }

  /** @throws AppError not_found, conflict for a built-in preset and while keys or other presets name it. */
  async deleteIn(tx: Transaction, actor: Actor, idOrSlug: string): Promise<PresetRecord> {
    const preset = await this.ownIn(tx, actor, idOrSlug);
    const keys = await this.presets.keysOf(tx, actor.tenantId, preset.slug);
    if (keys.length > 0) throw new AppError('conflict', { message: `The preset is still used by the keys ${keys.join(', ')}.` });
    const linking = (await this.presets.all(tx, actor.tenantId)).find(
      ({ links }) => links?.inference === preset.slug || links?.upload === preset.slug,
    );
    if (linking !== undefined)
      throw new AppError('conflict', { message: `The preset is still linked by the preset ${linking.slug}.` });
    await this.presets.delete(tx, actor.tenantId, preset.id);
    const entry = { kind: 'preset', objectId: preset.id, changes: { slug: preset.slug }, before: audited(preset) };
    await this.audit.record(tx, actor, { action: 'delete', ...entry });
    return preset;
  }

  private async lookUpIn(tx: Transaction, tenantId: string, idOrSlug: string): Promise<PresetRecord | undefined> {
    const preset = builtInPreset(idOrSlug);
    return preset === undefined ? this.presets.find(tx, tenantId, idOrSlug) : builtIn(preset);
  }

  /** One of the tenant's own presets, locked and as it is then. */
  private async ownIn(tx: Transaction, actor: Actor, idOrSlug: string): Promise<PresetRecord> {
    const preset = await this.findIn(tx, actor, idOrSlug);
    if (preset.createdAt === null)
      throw new AppError('conflict', { message: `The preset ${preset.slug} is built in: it cannot be changed.` });
    await this.presets.lock(tx, actor.tenantId, preset.id);
    return this.findIn(tx, actor, preset.id);
  }

  private async refuseFaults(tx: Transaction, actor: Actor, purpose: Purpose, { scopes, links }: PresetFields): Promise<void> {
    refuseBeyondPurpose(purpose, scopes);
    if (links === null) return;
    if (purpose !== 'conversation') {
      throw new AppError('invalid_value', { param: 'links', message: 'Only presets of the purpose conversation have links.' });
    }
    for (const [as, slug] of Object.entries(links) as [keyof PresetLinks, string | null][]) {
      const linked = slug === null ? undefined : await this.lookUpIn(tx, actor.tenantId, slug);
      if (slug !== null && linked?.purpose !== as) {
        throw new AppError('invalid_value', {
          param: `links.${as}`,
          message: `There is no preset "${slug}" of the purpose ${as}.`,
        });
      }
    }
  }
}

function audited(preset: PresetRecord): AuditedFields {
  return auditedFields(preset, ['slug', 'name', 'purpose', 'scopes', 'limits', 'links']);
}

function builtIn(preset: Preset): PresetRecord {
  return { ...preset, id: preset.slug, limits: keyLimits.parse({}), createdAt: null };
}

function fits(preset: PresetRecord, { slug, purpose, builtIn: wanted }: PresetFilter): boolean {
  if (slug !== undefined && preset.slug !== slug) return false;
  if (purpose !== undefined && preset.purpose !== purpose) return false;
  return wanted === undefined || (preset.createdAt === null) === wanted;
}

function linksOf(given: CreatePresetRequest['links']): PresetLinks | null {
  return given === null ? null : { inference: given.inference, upload: given.upload ?? null };
}

function unique(scopes: readonly Scope[]): Scope[] {
  return [...new Set(scopes)];
}
