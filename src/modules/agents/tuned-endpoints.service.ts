import { Injectable } from '@nestjs/common';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import type { Modality } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter, type AuditEntry } from '../audit/audit-writer.js';
import { auditedEndpoint } from './audited-endpoint.js';
import { EndpointsRepository } from './endpoints.repository.js';

/** A model that a provider has made for the tenant. */
export interface TunedModel {
  /** The published name, `ft:…`. */
  readonly name: string;
  readonly connectionId: string;
  /** The provider's own name. */
  readonly model: string;
}

/** Who publishes and takes away: a key, or the job that it has made. */
export type TuningActor = Omit<Actor, 'role'>;

/** Published names of fine-tuned models: raw models whose names are reserved for them. */
@Injectable()
export class TunedEndpoints {
  constructor(
    private readonly endpoints: EndpointsRepository,
    private readonly audit: AuditWriter,
  ) {}

  /** Publishes a model; twice is once. @param modalities what it serves, as its base did. */
  async publishIn(
    tx: Transaction,
    actor: TuningActor,
    { name, connectionId, model }: TunedModel,
    modalities: readonly Modality[],
  ): Promise<void> {
    if ((await this.endpoints.findByName(tx, actor.tenantId, name)) !== undefined) return;
    const source = { revisionId: null, connectionId, model, modalities };
    const endpoint = await this.endpoints.create(tx, actor.tenantId, { name, kind: 'raw_model', isDefault: false, ...source });
    await this.record(tx, actor, 'create', endpoint.id, { changes: { name } });
  }

  /** Takes a published name away, if it is there. @throws AppError conflict while agents use the model. */
  async withdrawIn(tx: Transaction, actor: TuningActor, tuned: TunedModel): Promise<void> {
    const { tenantId } = actor;
    const users = await this.agentsWith(tx, tenantId, tuned);
    if (users.length > 0) {
      const names = users.map((name) => `"${name}"`).join(', ');
      throw new AppError('conflict', { param: 'model', message: `The model is still used by agents: ${names}.` });
    }
    const endpoint = await this.endpoints.findByName(tx, tenantId, tuned.name);
    if (endpoint === undefined) return;
    await this.endpoints.delete(tx, tenantId, endpoint.id);
    await this.record(tx, actor, 'delete', endpoint.id, { changes: { name: tuned.name }, before: auditedEndpoint(endpoint) });
  }

  /** Agents that name the model: in their draft, or in their newest revision or one that is published. */
  private async agentsWith(tx: Transaction, tenantId: string, { connectionId, model }: TunedModel): Promise<string[]> {
    const rows = await tx.$queryRaw<{ name: string }[]>`
      with named as (
        select a.id, a.name, a.spec, c.name as connection from agents a, connections c
         where a.tenant_id = ${tenantId} and c.tenant_id = ${tenantId} and c.id = ${connectionId}
        union all
        select a.id, a.name, r.spec, r_connection.id from agents a
          join agent_revisions r on r.tenant_id = a.tenant_id and r.agent_id = a.id
          cross join (select ${connectionId}::text as id) r_connection
         where a.tenant_id = ${tenantId}
           and (r.number = (select max(n.number) from agent_revisions n where n.tenant_id = a.tenant_id and n.agent_id = a.id)
                or exists (select from endpoints e where e.tenant_id = r.tenant_id and e.revision_id = r.id))
      )
      select distinct name from named n,
        lateral jsonb_path_query(jsonb_build_array(n.spec -> 'models', n.spec -> 'fallbacks'), '$.** ? (exists (@.model))') as reference
       where reference ->> 'model' = ${model} and reference ->> 'connection' = n.connection
       order by name limit 5`;
    return rows.map(({ name }) => name);
  }

  private record(
    tx: Transaction,
    actor: TuningActor,
    action: string,
    objectId: string,
    said: Pick<AuditEntry, 'changes' | 'before'>,
  ): Promise<void> {
    return this.audit.record(tx, { ...actor, role: 'manager' }, { action, kind: 'endpoint', objectId, ...said });
  }
}
