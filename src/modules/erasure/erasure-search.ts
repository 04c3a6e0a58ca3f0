import { Injectable } from '@nestjs/common';
import type { ErasureProof } from '../../contracts/erasures.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { TakenErasure } from './erasures.repository.js';
import { TenantLeftovers } from './tenant-leftovers.js';
import { TenantRowsRepository, type FoundTable, type Search } from './tenant-rows.repository.js';

/** Tables that keep rows of an erased tenant, and why. */
export const keptTables: Readonly<Record<string, string>> = {
  change_feed: 'Ids of what was deleted: every process must hear of it. They go within an hour or two.',
  operator_audit:
    'The audit of operators is a chain of hashes. It says what operators did in the tenant, with ids alone, and more of tenants that were deleted before.',
  erasures: 'The erasure itself, with the id of the tenant.',
};

const sameWord = 'Its slug stands there as a word, and nothing else of it: a row of the platform itself.';

/** The text of all rows is searched in tables up to this size; in larger ones of tenants, whose rows they are. */
const mostBytes = 256 * 1024 * 1024;

/** Whose rows they are says a column; what names a tenant elsewhere is found in the text of rows. */
function searchesOf({ owned, bytes }: FoundTable): readonly Search[] {
  if (!owned) return ['id in the text'];
  return bytes > mostBytes ? ['tenant_id'] : ['tenant_id', 'id in the text'];
}

interface Found {
  readonly table: string;
  readonly rows: number;
}

/** Searches the database, the storage and the queues for a tenant. */
@Injectable()
export class ErasureSearch {
  constructor(
    private readonly rows: TenantRowsRepository,
    private readonly leftovers: TenantLeftovers,
  ) {}

  /** What is left of a tenant. It only reads, but for jobs that wait, which are removed. */
  async search({ tenant, slug }: TakenErasure, signal: AbortSignal): Promise<ErasureProof> {
    const tables = await this.rows.tables();
    const readable = tables.filter((table) => table.readable);
    const found: Found[] = [];
    const named: Found[] = [];
    for (const table of readable) {
      signal.throwIfAborted();
      const rows = await this.count(table, searchesOf(table), tenant);
      if (rows > 0) found.push({ table: table.name, rows });
      const words = table.owned || rows > 0 ? 0 : await this.rows.count(table, 'slug as a word', slug);
      if (words > 0) named.push({ table: table.name, rows: words });
    }
    const left = found.filter(({ table }) => !Object.hasOwn(keptTables, table));
    const kept = [...found.filter(({ table }) => Object.hasOwn(keptTables, table)), ...named];
    return {
      searched_at: toUnixSeconds(new Date()),
      tables: readable.length,
      rows: left.reduce((sum, { rows }) => sum + rows, 0),
      objects: await this.leftovers.objects(tenant),
      jobs: await this.leftovers.jobs(tenant),
      left,
      kept: kept.map((one) => ({ ...one, reason: keptTables[one.table] ?? sameWord })),
      not_searched: tables.filter((table) => !table.readable).map(({ name }) => name),
    };
  }

  private async count(table: FoundTable, searches: readonly Search[], tenant: string): Promise<number> {
    for (const search of searches) {
      const rows = await this.rows.count(table, search, tenant);
      if (rows > 0) return rows;
    }
    return 0;
  }
}
