import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import type { FileRecord } from '../record/file-record.js';
import { asJson, columns, members, newRow, typedMembers } from '../record/file-row.js';
import { mostUnfinished } from '../record/files.repository.js';
import { rowOf, uploadLock, type PlacedFile } from './new-file.js';

export interface WrittenFile {
  /** Another one where a retry finds what was sent before. */
  readonly file: FileRecord;
  /** How many of the tenant's files have not come to an end. */
  readonly unfinished: number;
}

interface WrittenRow {
  readonly id: string;
  readonly generation: number;
  readonly slug: string;
  readonly alias: string | null;
  readonly unfinished: number;
}

/** What a stored object of limits must be for uploads to have none. */
const isFree = (limits: string): string => `coalesce(${limits} ->> 'uploads_per_day', ${limits} ->> 'stored_bytes') is null`;

/** Writes the rows of many files of a tenant in one round trip, in plain SQL: Prisma would cost more than the rows. */
@Injectable()
export class UnlimitedFiles {
  constructor(private readonly database: TenantDatabase) {}

  /**
   * Those files get their rows whose key stands, whose dataset is there, and whose uploads nothing limits; the others get
   * none. Locks are taken in one order, so that two who take several never wait for each other.
   * @throws DatabaseAwayError, which knows whether anything was sent; what the database refuses of one of them.
   */
  async insert(tenantId: string, files: readonly PlacedFile[]): Promise<ReadonlyMap<PlacedFile, WrittenFile>> {
    const rows = files.map((file) => ({
      ...newRow(rowOf(file, 1)),
      lockName: uploadLock(file),
      limitedBy: [file.acceptance.keyId, ...file.acceptance.linkedKeyIds],
    }));
    const written = await this.database.runAtOnce<WrittenRow>(tenantId, (literal) =>
      statement(literal(tenantId), literal(asJson(rows))),
    );
    const byId = new Map(written.map((row) => [row.id, row]));
    return new Map(
      files.flatMap((file, at) => {
        const row = rows[at];
        const found = byId.get(file.id);
        return row === undefined || found === undefined ? [] : [[file, writtenFile(row, found)] as const];
      }),
    );
  }
}

function writtenFile(row: ReturnType<typeof newRow>, { generation, slug, alias, unfinished }: WrittenRow): WrittenFile {
  const dataset = row.datasetId === null || alias === null ? null : { id: row.datasetId, alias };
  return { file: { ...row, generation, tenant: { slug }, dataset }, unfinished };
}

/** @param tenant its id, and @param rows JSON, both as literals. */
function statement(tenant: string, rows: string): string {
  return `
    with given as materialized
           (select * from jsonb_to_recordset(${rows}::jsonb) as given (${typedMembers}, "lockName" text, "limitedBy" text[])),
         locked as materialized
           (select pg_advisory_xact_lock(place) from
             (select distinct hashtextextended("lockName", 0) as place from given order by place) as places),
         held as materialized
           (select id from keys where tenant_id = ${tenant} and id in (select "keyId" from given) order by id for key share),
         placed as materialized
           (select given.*, d.generation as "placeGeneration"
              from given join tenants t on t.id = ${tenant} left join datasets d on d.tenant_id = t.id and d.id = given."datasetId"
             where (select count(*) from locked) > 0 and given."keyId" in (select id from held)
               and (given."datasetId" is null or d.id is not null) and ${isFree('t.limits')}
               and not exists (select from keys k where k.tenant_id = t.id and k.id = any (given."limitedBy") and not ${isFree('k.limits')})),
         written as
           (insert into files (${columns})
            select ${members.replace('given."generation"', 'coalesce(given."placeGeneration", 1)')} from placed as given
            returning id, dataset_id, generation)
    select w.id, w.generation, t.slug, d.alias,
           (select count(*)::int from (select 1 from files f
             where f.tenant_id = t.id and f.state not in ('ready', 'failed') limit ${mostUnfinished}) as unfinished) as unfinished
      from written w join tenants t on t.id = ${tenant} left join datasets d on d.tenant_id = t.id and d.id = w.dataset_id`;
}
