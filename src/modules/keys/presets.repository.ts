import { Injectable } from '@nestjs/common';
import { keyLimits, type KeyLimits } from '../../contracts/key-limits.js';
import { isScope, type Purpose, type Scope } from '../../contracts/scopes.js';
import { newId } from '../../kernel/ids.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { Prisma } from '../../platform/database/generated/client.js';

export interface PresetLinks {
  readonly inference: string;
  readonly upload: string | null;
}

/** A preset, a tenant's own or a built-in one. */
export interface PresetRecord {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly purpose: Purpose;
  readonly scopes: readonly Scope[];
  readonly limits: KeyLimits;
  readonly links: PresetLinks | null;
  /** Null for the built-in ones, which were never created. */
  readonly createdAt: Date | null;
}

export type PresetFields = Pick<PresetRecord, 'name' | 'scopes' | 'limits' | 'links'>;

interface PresetRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly purpose: string;
  readonly scopes: readonly string[];
  readonly limits: unknown;
  readonly links: unknown;
  readonly createdAt: Date;
}

/** A tenant's own presets. */
@Injectable()
export class PresetsRepository {
  /** All of them, the oldest first: they are made by hand and few. */
  async all(tx: Transaction, tenantId: string): Promise<PresetRecord[]> {
    return (await tx.preset.findMany({ where: { tenantId }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })).map(record);
  }

  async find(tx: Transaction, tenantId: string, idOrSlug: string): Promise<PresetRecord | undefined> {
    const rows = await tx.preset.findMany({ where: { tenantId, OR: [{ id: idOrSlug }, { slug: idOrSlug }] } });
    const row = rows.find(({ id }) => id === idOrSlug) ?? rows[0];
    return row === undefined ? undefined : record(row);
  }

  /**
   * The presets of these ids or slugs, by what names them. They cannot be changed or removed until the transaction ends;
   * others may rely on them meanwhile.
   */
  async findForUse(tx: Transaction, tenantId: string, idsOrSlugs: readonly string[]): Promise<Map<string, PresetRecord>> {
    const named = [...idsOrSlugs];
    await tx.$queryRaw`
      select id from presets where tenant_id = ${tenantId} and (slug = any(${named}) or id = any(${named})) order by id for share`;
    const rows = await tx.preset.findMany({ where: { tenantId, OR: [{ id: { in: named } }, { slug: { in: named } }] } });
    // An id wins over a slug.
    return new Map([
      ...rows.map((row) => [row.slug, record(row)] as const),
      ...rows.map((row) => [row.id, record(row)] as const),
    ]);
  }

  /** Makes every other change and every new use of the preset wait until the transaction ends. */
  async lock(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.$queryRaw`select id from presets where tenant_id = ${tenantId} and id = ${id} for update`;
  }

  async create(
    tx: Transaction,
    tenantId: string,
    given: PresetFields & Pick<PresetRecord, 'slug' | 'purpose'>,
  ): Promise<PresetRecord> {
    const { slug, purpose } = given;
    return record(await tx.preset.create({ data: { tenantId, id: newId('preset'), slug, purpose, ...columns(given) } }));
  }

  async update(tx: Transaction, tenantId: string, id: string, given: PresetFields): Promise<PresetRecord> {
    return record(await tx.preset.update({ where: { tenantId_id: { tenantId, id } }, data: columns(given) }));
  }

  async delete(tx: Transaction, tenantId: string, id: string): Promise<void> {
    await tx.preset.deleteMany({ where: { tenantId, id } });
  }

  /** Names of keys of this preset, at most ten. */
  async keysOf(tx: Transaction, tenantId: string, slug: string): Promise<string[]> {
    const rows = await tx.key.findMany({
      where: { tenantId, preset: slug },
      select: { name: true },
      orderBy: { name: 'asc' },
      take: 10,
    });
    return rows.map(({ name }) => name);
  }
}

function columns({ name, scopes, limits, links }: PresetFields) {
  return { name, scopes: [...scopes], limits, links: links === null ? Prisma.DbNull : { ...links } };
}

function record(row: PresetRow): PresetRecord {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    purpose: row.purpose as Purpose,
    scopes: row.scopes.filter(isScope),
    limits: keyLimits.parse(row.limits),
    links: row.links as PresetLinks | null,
    createdAt: row.createdAt,
  };
}
