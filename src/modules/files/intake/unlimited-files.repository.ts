import { Injectable } from '@nestjs/common';
import { TenantDatabase } from '../../../platform/database/tenant-database.js';
import type { FileRecord } from '../record/file-record.js';
import { asJson, columns, heldBack, members, mostQueued, newRow, typedMembers } from '../record/file-row.js';
import { rowOf, uploadLock, type PlacedFile } from './new-file.js';

export interface WrittenFile {
  /** Another one where a retry finds what was sent before. */
  readonly file: FileRecord;
  /** How many of the tenant's files have not come to an end; counted up to `mostQueued`. */
  readonly unfinished: number;
}

interface WrittenRow {
  readonly id: string;
  readonly generation: number;
  readonly queuedAt: Date | null;
  readonly slug: string;
  readonly alias: string | null;
  readonly unfinished: number;
}

/** The time of a file that is held back. */
const notQueued = `timestamptz '${heldBack.toISOString()}'`;

/** What is written of a row where the statement itself says what depends on what is there already. */
const ownMembers = members
  .replace('given."generation"', 'given."itsGeneration"')
  .replace('given."queuedAt"', 'given."itsQueuedAt"');

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
      ...newRow(rowOf(file, { generation: 1, unfinished: 0 })),
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

function writtenFile(row: ReturnType<typeof newRow>, { generation, queuedAt, slug, alias, unfinished }: WrittenRow): WrittenFile {
  const dataset = row.datasetId === null || alias === null ? null : { id: row.datasetId, alias };
  return { file: { ...row, generation, queuedAt, tenant: { slug }, dataset }, unfinished };
}

/** @param tenant its id, and @param rows JSON, both as literals. What it plans anew each time is kept small. */
function statement(tenant: string, rows: string): string {
  return `
    with given as materialized
           (select * from jsonb_to_recordset(${rows}::jsonb) as given (${typedMembers}, "lockName" text, "limitedBy" text[])),
         locked as materialized
           (select pg_advisory_xact_lock(place) from
             (select distinct hashtextextended("lockName", 0) as place from given order by place) as places),
         held as materialized
           (select id from keys where tenant_id = ${tenant} and id in (select "keyId" from given) order by id for key share),
         unfinished as materialized
           (select count(*)::int as count from
             (select from files where tenant_id = ${tenant} and state not in ('ready', 'failed') limit ${mostQueued}) as counted),
         placed as materialized
           (select given.*, t.slug, d.alias, coalesce(d.generation, 1) as "itsGeneration",
                   case when given.state = 'stored' and (select count from unfinished) >= ${mostQueued} then ${notQueued} end as "itsQueuedAt"
              from given join tenants t on t.id = ${tenant} left join datasets d on d.tenant_id = t.id and d.id = given."datasetId"
             where (select count(*) from locked) > 0 and given."keyId" in (select id from held)
               and (given."datasetId" is null or d.id is not null) and ${isFree('t.limits')} and ${isFree('t.ceiling')}
               and not exists (select from keys k where k.tenant_id = t.id and k.id = any (given."limitedBy") and not ${isFree('k.limits')})),
         written as
           (insert into files (${columns}) select ${ownMembers} from placed as given returning id)
    select placed.id, "itsGeneration" as generation, "itsQueuedAt" as "queuedAt", slug, alias, (select count from unfinished) as unfinished
      from placed join written using (id)`;
}
