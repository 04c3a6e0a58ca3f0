import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { ConnectionReference } from './connection-record.js';
import type { Use } from './uses.js';

/** Finds what uses a connection. Endpoints, datasets, stores and published agents refer to its id, agents' drafts and the tenant's settings to its name. */
@Injectable()
export class ConnectionUsesRepository {
  /** What a deletion would break: endpoints, datasets, vector stores, the tenant's setting for these, and agents whose newest revision uses it. */
  async ofConnection(transaction: Transaction, tenantId: string, id: string): Promise<readonly Use[]> {
    return transaction.$queryRaw<Use[]>`
      select 'endpoint' as kind, e.name from endpoints e where e.tenant_id = ${tenantId} and e.connection_id = ${id}
      union all
      select case d.kind when 'dataset' then 'dataset' else 'vector store' end, d.alias from datasets d
       where d.tenant_id = ${tenantId} and d.connection_id = ${id}
      union all
      select 'setting', 'vector_stores.embedding' from tenants t join connections c on c.tenant_id = t.id
       where t.id = ${tenantId} and c.id = ${id} and t.vector_store_embedding ->> 'connection' = c.name
      union all
      select 'agent', a.name
        from agent_connections u join agents a on a.tenant_id = u.tenant_id and a.id = u.agent_id
       where u.tenant_id = ${tenantId} and u.connection_id = ${id}
       order by 1, 2`;
  }

  /** What a new name would leave behind: agents whose draft names the connection or whose published revision uses it, and the tenant's setting. */
  async ofName(transaction: Transaction, tenantId: string, { id, name }: ConnectionReference): Promise<readonly Use[]> {
    return transaction.$queryRaw<Use[]>`
      select 'agent' as kind, a.name from agents a
       where a.tenant_id = ${tenantId}
         and (exists (select from jsonb_each(a.spec -> 'models') as m where m.value ->> 'connection' = ${name})
              or exists (select from jsonb_each(a.spec -> 'fallbacks') as f, jsonb_array_elements(f.value) as further
                          where further.value ->> 'connection' = ${name})
              or exists (select from agent_connections u
                          where u.tenant_id = a.tenant_id and u.agent_id = a.id and u.connection_id = ${id}))
      union all
      select 'setting', 'vector_stores.embedding' from tenants t
       where t.id = ${tenantId} and t.vector_store_embedding ->> 'connection' = ${name}
       order by 2`;
  }
}
