import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { CreateAgentRequest, UpdateAgentRequest } from '../../contracts/agents.js';
import { agentSpec, givenFallbacks, type AgentSpec, usualOutputTokens } from '../../contracts/agent-spec.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { AppError } from '../../kernel/app-error.js';
import { deleting, writing } from '../../platform/database/prisma-errors.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter, type AuditEntry } from '../audit/audit-writer.js';
import { beforeAndAfter } from '../audit/before-and-after.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { auditedAgent } from './audited-agent.js';
import { AgentReferences } from './agent-references.js';
import { AgentsRepository, type AgentFilter, type AgentRecord } from './agents.repository.js';
import { RevisionsRepository } from './revisions.repository.js';

/** The life of agents' drafts on the admin plane. Agents are named by id or by name; an id wins. */
@Injectable()
export class AgentsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly agents: AgentsRepository,
    private readonly revisions: RevisionsRepository,
    private readonly references: AgentReferences,
    private readonly audit: AuditWriter,
  ) {}

  list(actor: Actor, filter: AgentFilter, query: ListQuery): Promise<RowPage<AgentRecord>> {
    return this.database.run(actor.tenantId, (tx) => this.agents.list(tx, actor.tenantId, filter, query));
  }

  get(actor: Actor, idOrName: string): Promise<AgentRecord> {
    return this.database.run(actor.tenantId, (tx) => this.findIn(tx, actor, idOrName));
  }

  create(actor: Actor, input: CreateAgentRequest): Promise<AgentRecord> {
    return this.database.run(actor.tenantId, (tx) => this.createIn(tx, actor, input));
  }

  update(actor: Actor, idOrName: string, input: UpdateAgentRequest): Promise<AgentRecord> {
    return this.database.run(actor.tenantId, async (tx) => (await this.updateIn(tx, actor, idOrName, input)).value);
  }

  delete(actor: Actor, idOrName: string): Promise<AgentRecord> {
    return this.database.run(actor.tenantId, (tx) => this.deleteIn(tx, actor, idOrName));
  }

  /** @throws AppError not_found. */
  async findIn(tx: Transaction, actor: Actor, idOrName: string): Promise<AgentRecord> {
    const found = await this.agents.find(tx, actor.tenantId, idOrName);
    if (found === undefined) throw new AppError('not_found', { message: 'No such agent.' });
    return found;
  }

  /** @throws AppError invalid_value for a connection or dataset that is not there, conflict for a taken name. */
  async createIn(tx: Transaction, actor: Actor, input: CreateAgentRequest): Promise<AgentRecord> {
    const { tenant: _tenant, name, ...given } = input;
    const spec = specOf(given);
    await this.references.resolve(tx, actor.tenantId, spec);
    const created = await writing('agent', () => this.agents.create(tx, actor.tenantId, name, spec));
    await this.record(tx, actor, 'create', created, { changes: auditedAgent(created) });
    return created;
  }

  /** Changes the given fields. @throws AppError not_found, and as `createIn`. */
  async updateIn(
    tx: Transaction,
    actor: Actor,
    idOrName: string,
    input: UpdateAgentRequest,
  ): Promise<{ changed: boolean; value: AgentRecord }> {
    const { id } = await this.findIn(tx, actor, idOrName);
    await this.agents.lock(tx, actor.tenantId, id);
    const current = await this.findIn(tx, actor, id);
    const { tenant: _tenant, name = current.name, ...given } = input;
    const spec = specOf({ ...current.spec, ...given });
    if (name === current.name && isDeepStrictEqual(spec, current.spec)) return { changed: false, value: current };
    const names = given.models ?? given.fallbacks ?? given.datasets ?? given.batches;
    if (names !== undefined) await this.references.resolve(tx, actor.tenantId, spec);
    const value = await writing('agent', () => this.agents.update(tx, actor.tenantId, id, name, spec));
    await this.record(tx, actor, 'update', value, beforeAndAfter(auditedAgent(current), auditedAgent(value)));
    return { changed: true, value };
  }

  /** Removes the agent and its revisions. @throws AppError not_found, conflict while endpoints lead to it. */
  async deleteIn(tx: Transaction, actor: Actor, idOrName: string): Promise<AgentRecord> {
    const { id } = await this.findIn(tx, actor, idOrName);
    await this.agents.lock(tx, actor.tenantId, id);
    const agent = await this.findIn(tx, actor, id);
    const endpoints = await this.revisions.endpointNames(tx, actor.tenantId, agent.id);
    if (endpoints.length > 0)
      throw new AppError('conflict', {
        message: `The agent is still used by the endpoints ${endpoints.slice(0, 10).join(', ')}.`,
      });
    await deleting('agent', () => this.agents.delete(tx, actor.tenantId, agent.id));
    await this.record(tx, actor, 'delete', agent, { changes: { name: agent.name }, before: auditedAgent(agent) });
    return agent;
  }

  private record(
    tx: Transaction,
    actor: Actor,
    action: string,
    agent: AgentRecord,
    said: Pick<AuditEntry, 'changes' | 'before'>,
  ): Promise<void> {
    return this.audit.record(tx, actor, { action, kind: 'agent', objectId: agent.id, ...said });
  }
}

/** Without what allows nothing, or is as usual: the release before refuses an agent that has the members. */
function specOf(given: unknown): AgentSpec {
  const {
    max_output_tokens: length = usualOutputTokens,
    hosted_tools: allowed = [],
    fallbacks = {},
    fetch_addresses: fetches = false,
    batches,
    ...spec
  } = agentSpec.parse(given);
  const further = givenFallbacks(fallbacks);
  return {
    ...spec,
    ...(length === usualOutputTokens ? {} : { max_output_tokens: length }),
    ...(allowed.length === 0 ? {} : { hosted_tools: [...new Set(allowed)].sort() }),
    ...(further === undefined ? {} : { fallbacks: further }),
    ...(fetches ? { fetch_addresses: true } : {}),
    ...(batches === 'provider' ? { batches } : {}),
  };
}
