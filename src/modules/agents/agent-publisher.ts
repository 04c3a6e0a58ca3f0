import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { writing } from '../../platform/database/prisma-errors.js';
import type { Transaction } from '../../platform/database/tenant-database.js';
import { AuditWriter } from '../audit/audit-writer.js';
import type { Actor } from '../../catalog/admin/admin-identity.js';
import { AgentReferences } from './agent-references.js';
import { AgentsRepository, type AgentRecord } from './agents.repository.js';
import { RevisionsRepository, type RevisionRecord } from './revisions.repository.js';

export interface Publication {
  readonly revision: RevisionRecord;
  /** False when the newest revision already said the same. */
  readonly created: boolean;
}

/** Turns an agent's draft into a revision that never changes, and brings its endpoints there. */
@Injectable()
export class AgentPublisher {
  constructor(
    private readonly agents: AgentsRepository,
    private readonly revisions: RevisionsRepository,
    private readonly references: AgentReferences,
    private readonly audit: AuditWriter,
  ) {}

  /**
   * Publishes the agent's draft as it is in the database. Without a change since the newest revision that one is the
   * answer, so publishing twice is publishing once. All endpoints of the agent lead to it afterwards.
   * @throws AppError invalid_value when the draft names a connection or dataset that is gone.
   */
  async publishIn(tx: Transaction, actor: Actor, agent: AgentRecord): Promise<Publication> {
    await this.agents.lock(tx, actor.tenantId, agent.id);
    const draft = (await this.agents.find(tx, actor.tenantId, agent.id)) ?? agent;
    const spec = await this.references.resolve(tx, actor.tenantId, draft.spec);
    const newest = await this.revisions.newest(tx, actor.tenantId, agent.id);
    const same = newest !== undefined && isDeepStrictEqual(newest.spec, spec) ? newest : undefined;
    const number = (newest?.number ?? 0) + 1;
    const given = { agentId: agent.id, number, spec, aliases: draft.spec.datasets, createdBy: actor.name };
    const revision = same ?? (await writing('agent', () => this.revisions.create(tx, actor.tenantId, given)));
    const moved = await this.revisions.moveEndpoints(tx, actor.tenantId, agent.id, revision.id);
    if (same === undefined || moved.length > 0) {
      await this.audit.record(tx, actor, {
        action: 'publish',
        kind: 'agent',
        objectId: agent.id,
        changes: { revision: revision.number, moved_endpoints: moved },
        before: { revision: newest?.number ?? null },
      });
    }
    return { revision, created: same === undefined };
  }

  /**
   * The agent's newest revision, for an endpoint that is to lead to it. An agent that has none, or one of which a part is
   * gone, is published first.
   * @throws AppError as `publishIn`.
   */
  async newestIn(tx: Transaction, actor: Actor, agent: AgentRecord): Promise<RevisionRecord> {
    await this.agents.lock(tx, actor.tenantId, agent.id);
    const newest = await this.revisions.newest(tx, actor.tenantId, agent.id);
    if (newest !== undefined && (await this.agents.isWhole(tx, actor.tenantId, newest.spec))) return newest;
    return (await this.publishIn(tx, actor, agent)).revision;
  }
}
