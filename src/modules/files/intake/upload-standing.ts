import { Injectable } from '@nestjs/common';
import type { StatementTransaction } from '../../../platform/database/tenant-database.js';
import { mostUnfinished } from '../record/files.repository.js';
import { datasetOf, type PlacedFile } from './new-file.js';

/** What decides on the rows of uploads, as it stands in their transaction. */
export interface Standing {
  readonly slug: string;
  /** The tenant's, as stored. */
  readonly limits: unknown;
  /** Of those who upload the keys that stand; none is deleted before the transaction ends. */
  readonly held: readonly string[];
  /** Of these keys, and of those that they link: as stored. */
  readonly keyLimits: Readonly<Record<string, unknown>>;
  readonly datasets: Readonly<Record<string, { readonly alias: string; readonly generation: number }>>;
  /** How many of the tenant's files have not come to an end; counted no further than matters. */
  readonly unfinished: number;
}

/** Of a tenant that is gone meanwhile, and its keys and datasets with it. */
const ofGoneTenant: Standing = { slug: '', limits: null, held: [], keyLimits: {}, datasets: {}, unfinished: 0 };

/** Reads what decides on rows of files, in one statement, however many there are. */
@Injectable()
export class UploadStanding {
  /**
   * Of two equal uploads of a key at once, the second waits here until the first one's transaction has ended. Locks are taken
   * in one order, so that two who take several never wait for each other.
   */
  async read(tx: StatementTransaction, tenantId: string, files: readonly PlacedFile[]): Promise<Standing> {
    const uploaders = files.map(({ acceptance }) => acceptance.keyId);
    const linked = files.flatMap(({ acceptance }) => acceptance.linkedKeyIds);
    const datasets = files.map(datasetOf).filter((id) => id !== undefined);
    const names = files.map(({ acceptance, content }) => `gt-upload ${acceptance.keyId} ${content.sha256}`);
    const [standing] = await tx.$queryRaw<Standing[]>`
      with locked as materialized
             (select pg_advisory_xact_lock(place) from
               (select distinct hashtextextended(name, 0) as place from unnest(${names}::text[]) as name order by place) as places),
           held as materialized
             (select id from keys where tenant_id = ${tenantId} and id = any (${uploaders}::text[]) order by id for key share)
      select t.slug, t.limits, (select count(*) from locked)::int as locked, array(select id from held) as held,
             (select coalesce(jsonb_object_agg(k.id, k.limits), '{}') from keys k
               where k.tenant_id = t.id and k.id = any (${[...uploaders, ...linked]}::text[])) as "keyLimits",
             (select coalesce(jsonb_object_agg(d.id, jsonb_build_object('alias', d.alias, 'generation', d.generation)), '{}')
                from datasets d where d.tenant_id = t.id and d.id = any (${datasets}::text[])) as datasets,
             (select count(*)::int from (select 1 from files f
               where f.tenant_id = t.id and f.state not in ('ready', 'failed') limit ${mostUnfinished}) as unfinished) as unfinished
        from tenants t where t.id = ${tenantId}`;
    return standing ?? ofGoneTenant;
  }
}
