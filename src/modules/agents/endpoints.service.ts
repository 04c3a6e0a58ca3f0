import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { EndpointFacts } from '../../catalog/facts.js';
import type { CreateEndpointRequest, UpdateEndpointRequest } from '../../contracts/endpoints.js';
import { endpointLimits, type EndpointLimits } from '../../contracts/key-limits.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { modalities, type Modality } from '../../contracts/scopes.js';
import { AppError } from '../../kernel/app-error.js';
import { deleting, writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter, type AuditEntry } from '../audit/audit-writer.js';
import { beforeAndAfter } from '../audit/before-and-after.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { refuseUnnamable } from '../connections/provider-places.js';
import { auditedEndpoint } from './audited-endpoint.js';
import { AgentPublisher } from './agent-publisher.js';
import { AgentsRepository, type AgentRecord } from './agents.repository.js';
import {
  EndpointsRepository,
  type EndpointFilter,
  type EndpointRecord,
  type EndpointSource,
  type NewEndpoint,
} from './endpoints.repository.js';
import { publishedEndpoint, type PublishedEndpoint } from './published-endpoint.js';
import { connectionTarget } from './connection-target.js';
import { refuseUnserved } from './served-by-wire.js';

/** An endpoint and what it serves now. */
export interface EndpointView {
  readonly record: EndpointRecord;
  readonly modalities: readonly Modality[];
}

type Reference = Pick<CreateEndpointRequest, 'agent' | 'raw_model'>;

/** The life of published names on the admin plane. They are named by id or by name; an id wins. */
@Injectable()
export class EndpointsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly endpoints: EndpointsRepository,
    private readonly agents: AgentsRepository,
    private readonly publisher: AgentPublisher,
    private readonly audit: AuditWriter,
  ) {}

  list(actor: Actor, filter: EndpointFilter, query: ListQuery): Promise<RowPage<EndpointView>> {
    return this.database.run(actor.tenantId, async (tx) => {
      const page = await this.endpoints.list(tx, actor.tenantId, filter, query);
      return { ...page, rows: await this.views(tx, actor.tenantId, page.rows) };
    });
  }

  get(actor: Actor, idOrName: string): Promise<EndpointView> {
    return this.database.run(actor.tenantId, async (tx) => this.view(tx, actor.tenantId, await this.findIn(tx, actor, idOrName)));
  }

  create(actor: Actor, input: CreateEndpointRequest): Promise<EndpointView> {
    return this.database.run(actor.tenantId, async (tx) => this.view(tx, actor.tenantId, await this.createIn(tx, actor, input)));
  }

  update(actor: Actor, idOrName: string, input: UpdateEndpointRequest): Promise<EndpointView> {
    return this.database.run(actor.tenantId, async (tx) => {
      const { value } = await this.updateIn(tx, actor, idOrName, input);
      return this.view(tx, actor.tenantId, value);
    });
  }

  delete(actor: Actor, idOrName: string): Promise<EndpointRecord> {
    return this.database.run(actor.tenantId, (tx) => this.deleteIn(tx, actor, idOrName));
  }

  /** All published names as the permission function sees them and where they lead, read now; for `explain`. */
  facts(actor: Actor): Promise<PublishedEndpoint[]> {
    return this.database.run(actor.tenantId, async (tx) => {
      const targets = await this.targets(tx, actor.tenantId);
      return (await this.endpoints.all(tx, actor.tenantId)).map((record) => publishedEndpoint(record, targets));
    });
  }

  /** @throws AppError not_found. */
  async findIn(tx: Transaction, actor: Actor, idOrName: string): Promise<EndpointRecord> {
    const found = await this.endpoints.find(tx, actor.tenantId, idOrName);
    if (found === undefined) throw new AppError('not_found', { message: 'No such endpoint.' });
    return found;
  }

  /**
   * Publishes a name. An agent without a revision is published first; a new default takes the place of the old one.
   * @throws AppError invalid_value for an agent or connection that is not there, conflict for a taken name.
   */
  async createIn(tx: Transaction, actor: Actor, input: CreateEndpointRequest): Promise<EndpointRecord> {
    const kind = kindOf(input);
    const source = await this.sourceIn(tx, actor, input);
    if (input.default) await this.clearDefault(tx, actor);
    const given: NewEndpoint = { name: input.name, kind, isDefault: input.default, ...source, ...limitsOf(input, {}) };
    const created = await writing('endpoint', () => this.endpoints.create(tx, actor.tenantId, given));
    const { tenant: _tenant, ...changes } = input;
    await this.record(tx, actor, 'create', created, { changes });
    return created;
  }

  /**
   * Changes the given fields; naming its agent anew brings an alias to the agent's newest revision.
   * @throws AppError not_found, and as `createIn`; invalid_value when an alias should become a raw model or the reverse.
   */
  async updateIn(
    tx: Transaction,
    actor: Actor,
    idOrName: string,
    input: UpdateEndpointRequest,
  ): Promise<{ changed: boolean; value: EndpointRecord }> {
    const { id } = await this.findIn(tx, actor, idOrName);
    await this.endpoints.lock(tx, actor.tenantId, id);
    const current = await this.findIn(tx, actor, id);
    refuseOtherKind(current, input);
    const source = input.agent === undefined && input.raw_model === undefined ? {} : await this.sourceIn(tx, actor, input);
    const wanted: Partial<NewEndpoint> = {
      ...source,
      ...(input.name === undefined ? {} : { name: input.name }),
      ...(input.default === undefined ? {} : { isDefault: input.default }),
      ...limitsOf(input, current.limits),
    };
    if (Object.entries(wanted).every(([field, value]) => isDeepStrictEqual(value, current[field as keyof EndpointRecord]))) {
      return { changed: false, value: current };
    }
    if (wanted.isDefault === true && !current.isDefault) await this.clearDefault(tx, actor);
    const value = await writing('endpoint', () => this.endpoints.update(tx, actor.tenantId, id, wanted));
    await this.record(tx, actor, 'update', value, beforeAndAfter(auditedEndpoint(current), auditedEndpoint(value)));
    return { changed: true, value };
  }

  /** Keys may go on naming it: a name that is not published grants nothing. @throws AppError not_found. */
  async deleteIn(tx: Transaction, actor: Actor, idOrName: string): Promise<EndpointRecord> {
    const { id } = await this.findIn(tx, actor, idOrName);
    await this.endpoints.lock(tx, actor.tenantId, id);
    const endpoint = await this.findIn(tx, actor, id);
    await deleting('endpoint', () => this.endpoints.delete(tx, actor.tenantId, endpoint.id));
    await this.record(tx, actor, 'delete', endpoint, { changes: { name: endpoint.name }, before: auditedEndpoint(endpoint) });
    return endpoint;
  }

  /** Makes the name an alias of the agent, if it is not one already. @throws AppError conflict when it leads elsewhere. */
  async ensureAliasIn(tx: Transaction, actor: Actor, agent: AgentRecord, name: string): Promise<void> {
    const existing = await this.endpoints.findByName(tx, actor.tenantId, name);
    if (existing === undefined) await this.createIn(tx, actor, { name, agent: agent.id, default: false });
    else if (existing.revision?.agent.id !== agent.id) {
      throw new AppError('conflict', { param: 'endpoint', message: `The endpoint "${name}" exists and leads elsewhere.` });
    }
  }

  async view(tx: Transaction, tenantId: string, record: EndpointRecord): Promise<EndpointView> {
    return viewOf(record, await this.targets(tx, tenantId));
  }

  async views(tx: Transaction, tenantId: string, records: readonly EndpointRecord[]): Promise<EndpointView[]> {
    const targets = await this.targets(tx, tenantId);
    return records.map((record) => viewOf(record, targets));
  }

  private async targets(tx: Transaction, tenantId: string): Promise<ConnectionTargets> {
    return new Map((await this.endpoints.connections(tx, tenantId)).map((row) => [row.id, connectionTarget(row)]));
  }

  private async sourceIn(tx: Transaction, actor: Actor, { agent, raw_model: raw }: Reference): Promise<EndpointSource> {
    if (agent !== undefined) {
      const found = await this.agents.find(tx, actor.tenantId, agent);
      if (found === undefined)
        throw new AppError('invalid_value', { param: 'agent', message: `The tenant has no agent "${agent}".` });
      const revision = await this.publisher.newestIn(tx, actor, found);
      return { revisionId: revision.id, connectionId: null, model: null, modalities: [] };
    }
    const connection = raw === undefined ? null : await this.endpoints.namedConnection(tx, actor.tenantId, raw.connection);
    if (raw === undefined || connection === null) {
      throw new AppError('invalid_value', {
        param: 'raw_model.connection',
        message: `The tenant has no connection "${raw?.connection ?? ''}".`,
      });
    }
    const served = modalities.filter((modality) => raw.modalities?.includes(modality));
    for (const modality of served) refuseUnserved(connection, modality, 'raw_model.connection');
    refuseUnnamable(connection, raw.model, 'raw_model.model');
    return { revisionId: null, connectionId: connection.id, model: raw.model, modalities: served };
  }

  private record(
    tx: Transaction,
    actor: Actor,
    action: string,
    endpoint: EndpointRecord,
    said: Pick<AuditEntry, 'changes' | 'before'>,
  ): Promise<void> {
    return this.audit.record(tx, actor, { action, kind: 'endpoint', objectId: endpoint.id, ...said });
  }

  /** Whoever loses the default to another one is changed too. */
  private async clearDefault(tx: Transaction, actor: Actor): Promise<void> {
    const said = { before: { default: true }, changes: { default: false } };
    const losers = await this.endpoints.clearDefault(tx, actor.tenantId);
    const entries = losers.map((objectId) => ({ action: 'update', kind: 'endpoint', objectId, ...said }));
    if (entries.length > 0) await this.audit.recordMany(tx, actor, entries);
  }
}

/** The limits that are given, over those that are there; none where that changes nothing. */
function limitsOf({ limits }: Pick<UpdateEndpointRequest, 'limits'>, stored: unknown): { readonly limits?: EndpointLimits } {
  if (limits === undefined) return {};
  const before = endpointLimits.parse(stored);
  const after = endpointLimits.parse({ ...before, ...limits });
  return isDeepStrictEqual(before, after) ? {} : { limits: after };
}

type ConnectionTargets = ReadonlyMap<string, ReturnType<typeof connectionTarget>>;

function viewOf(record: EndpointRecord, targets: ConnectionTargets): EndpointView {
  return { record, modalities: [...publishedEndpoint(record, targets).modalities] };
}

function kindOf({ agent, raw_model: raw }: Reference): EndpointFacts['kind'] {
  if (agent !== undefined && raw !== undefined)
    throw new AppError('invalid_value', { param: 'raw_model', message: "Give 'agent' or 'raw_model', not both." });
  if (agent === undefined && raw === undefined) {
    throw new AppError('missing_required_parameter', {
      param: 'agent',
      message: "Missing required parameter: 'agent' or 'raw_model'.",
    });
  }
  return agent === undefined ? 'raw_model' : 'agent_alias';
}

function refuseOtherKind({ kind }: EndpointRecord, { agent, raw_model: raw }: Reference): void {
  const other = kind === 'agent_alias' ? raw : agent;
  if (other === undefined) return;
  throw new AppError('invalid_value', {
    param: kind === 'agent_alias' ? 'raw_model' : 'agent',
    message: `This endpoint is ${kind === 'agent_alias' ? 'an agent alias' : 'a raw model'} and stays one: keys allow the two by separate lists. Delete it and publish the name anew.`,
  });
}
