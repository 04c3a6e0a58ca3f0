import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../platform/database/tenant-database.js';
import type { Use } from '../connections/uses.js';

/** Finds what uses a dataset: published agents by its id, agents' drafts by its alias. */
@Injectable()
export class DatasetUsesRepository {
  /** Agents whose newest revision answers from the dataset. */
  async ofDataset(transaction: Transaction, tenantId: string, id: string): Promise<readonly Use[]> {
    return transaction.$queryRaw<Use[]>`
      select 'agent' as kind, a.name
        from agent_datasets u join agents a on a.tenant_id = u.tenant_id and a.id = u.agent_id
       where u.tenant_id = ${tenantId} and u.dataset_id = ${id}
       order by 2`;
  }

  /** Agents that a new alias would leave behind: their draft names it, or what they published answers from it. */
  async ofAlias(transaction: Transaction, tenantId: string, id: string, alias: string): Promise<readonly Use[]> {
    return transaction.$queryRaw<Use[]>`
      select 'agent' as kind, a.name from agents a
       where a.tenant_id = ${tenantId}
         and (a.spec -> 'datasets' ? ${alias}
              or exists (select from agent_datasets u
                          where u.tenant_id = a.tenant_id and u.agent_id = a.id and u.dataset_id = ${id}))
       order by 2`;
  }
}
