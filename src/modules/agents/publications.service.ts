import { Injectable } from '@nestjs/common';
import type { PublishAgentRequest } from '../../contracts/agents.js';
import type { ListQuery, RowPage } from '../../contracts/lists.js';
import { TenantDatabase, type Transaction } from '../../platform/database/tenant-database.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { AgentPublisher, type Publication } from './agent-publisher.js';
import { AgentsService } from './agents.service.js';
import { EndpointsService } from './endpoints.service.js';
import { RevisionsRepository, type RevisionRecord } from './revisions.repository.js';

/** Publishing agents, and what was published of them. */
@Injectable()
export class PublicationsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly agents: AgentsService,
    private readonly publisher: AgentPublisher,
    private readonly endpoints: EndpointsService,
    private readonly revisions: RevisionsRepository,
  ) {}

  publish(actor: Actor, idOrName: string, input: PublishAgentRequest): Promise<Publication> {
    return this.database.run(actor.tenantId, (tx) => this.publishIn(tx, actor, idOrName, input));
  }

  /** The agent's revisions. @throws AppError not_found. */
  list(actor: Actor, idOrName: string, query: ListQuery): Promise<RowPage<RevisionRecord>> {
    return this.database.run(actor.tenantId, async (tx) => {
      const agent = await this.agents.findIn(tx, actor, idOrName);
      return this.revisions.list(tx, actor.tenantId, agent.id, query);
    });
  }

  /**
   * Publishes the draft and moves the agent's endpoints to it; with `endpoint`, it is reachable under that name too.
   * @throws AppError not_found, invalid_value, conflict when the name leads elsewhere.
   */
  async publishIn(
    tx: Transaction,
    actor: Actor,
    idOrName: string,
    input: Omit<PublishAgentRequest, 'tenant'>,
  ): Promise<Publication> {
    const agent = await this.agents.findIn(tx, actor, idOrName);
    const publication = await this.publisher.publishIn(tx, actor, agent);
    if (input.endpoint !== undefined) await this.endpoints.ensureAliasIn(tx, actor, agent, input.endpoint);
    return publication;
  }
}
