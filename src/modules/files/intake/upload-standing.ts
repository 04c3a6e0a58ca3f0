import { Injectable } from '@nestjs/common';
import type { StatementTransaction } from '../../../platform/database/tenant-database.js';
import { mostQueued } from '../record/file-row.js';
import { datasetOf, uploadLock, type PlacedFile } from './new-file.js';

/** What decides on the row of an upload, as it stands in its transaction. */
export interface Standing {
  readonly slug: string;
  /** The tenant's own and the operators', as stored. */
  readonly limits: readonly unknown[];
  /** The key that uploads, where it stands; it is not deleted before the transaction ends. */
  readonly held: readonly string[];
  /** Of this key, and of those that it links: as stored. */
  readonly keyLimits: Readonly<Record<string, unknown>>;
  /** The file's; null where it has none, or one that is gone. */
  readonly dataset: { readonly id: string; readonly alias: string; readonly generation: number } | null;
  /** How many of the tenant's files have not come to an end; counted up to `mostQueued`. */
  readonly unfinished: number;
}

/** Of a tenant that is gone meanwhile, and its keys and datasets with it. */
const ofGoneTenant: Standing = { slug: '', limits: [], held: [], keyLimits: {}, dataset: null, unfinished: 0 };

/** Reads what decides on the row of a file, in one statement. */
@Injectable()
export class UploadStanding {
  /** Of two equal uploads of a key at once, the second waits here until the first one's transaction has ended. */
  async read(tx: StatementTransaction, tenantId: string, file: PlacedFile): Promise<Standing> {
    const { keyId, linkedKeyIds } = file.acceptance;
    const [standing] = await tx.$queryRaw<Standing[]>`
      with locked as materialized (select pg_advisory_xact_lock(hashtextextended(${uploadLock(file)}, 0))),
           held as materialized (select id from keys where tenant_id = ${tenantId} and id = ${keyId} for key share)
      select t.slug, jsonb_build_array(t.limits, t.ceiling) as limits, (select count(*) from locked)::int as locked, array(select id from held) as held,
             (select coalesce(jsonb_object_agg(k.id, k.limits), '{}') from keys k
               where k.tenant_id = t.id and k.id = any (${[keyId, ...linkedKeyIds]}::text[])) as "keyLimits",
             (select jsonb_build_object('id', d.id, 'alias', d.alias, 'generation', d.generation)
                from datasets d where d.tenant_id = t.id and d.id = ${datasetOf(file) ?? null}) as dataset,
             (select count(*)::int from (select 1 from files f
               where f.tenant_id = t.id and f.state not in ('ready', 'failed') limit ${mostQueued}) as unfinished) as unfinished
        from tenants t where t.id = ${tenantId}`;
    return standing ?? ofGoneTenant;
  }
}
