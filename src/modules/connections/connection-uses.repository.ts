import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { ConnectionReference } from './connection-record.js';

/** Something that would break without the connection. */
export interface ConnectionUse {
  readonly kind: 'endpoint' | 'dataset' | 'agent';
  readonly name: string;
}

/** Finds what uses a connection. Endpoints and datasets refer to its id, agents' texts to its name. */
@Injectable()
export class ConnectionUsesRepository {
  /** What a deletion would break: endpoints, datasets, and agents whose published text is current. */
  async ofConnection(
    transaction: Transaction,
    tenantId: string,
    { id, name }: ConnectionReference,
  ): Promise<readonly ConnectionUse[]> {
    return transaction.$queryRaw<ConnectionUse[]>`
      select 'endpoint' as kind, e.name from endpoints e where e.tenant_id = ${tenantId} and e.connection_id = ${id}
      union all
      select 'dataset', d.alias from datasets d where d.tenant_id = ${tenantId} and d.connection_id = ${id}
      union
      select 'agent', a.name
        from agents a
        join agent_revisions r on r.tenant_id = a.tenant_id and r.agent_id = a.id
        join endpoints e on e.tenant_id = r.tenant_id and e.revision_id = r.id
       where a.tenant_id = ${tenantId}
         and exists (select from jsonb_each(r.spec -> 'models') as m where m.value ->> 'connection' = ${name})
       order by 1, 2`;
  }

  /** Agents whose drafts name the connection: a new name would leave them behind. */
  async ofDrafts(transaction: Transaction, tenantId: string, name: string): Promise<readonly ConnectionUse[]> {
    return transaction.$queryRaw<ConnectionUse[]>`
      select 'agent' as kind, a.name from agents a
       where a.tenant_id = ${tenantId}
         and exists (select from jsonb_each(a.spec -> 'models') as m where m.value ->> 'connection' = ${name})
       order by 2`;
  }
}
