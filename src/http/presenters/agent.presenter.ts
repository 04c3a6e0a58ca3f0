import type { AgentObject, AgentRevisionObject } from '../../contracts/agents.js';
import { unsaidOfAgents } from '../../contracts/agent-spec.js';
import { toUnixSeconds } from '../../contracts/times.js';
import type { AgentRecord } from '../../modules/agents/agents.repository.js';
import type { RevisionRecord } from '../../modules/agents/revisions.repository.js';

/** An agent's draft. */
export function presentAgent(agent: AgentRecord): AgentObject {
  return {
    object: 'agent',
    id: agent.id,
    name: agent.name,
    ...unsaidOfAgents,
    ...agent.spec,
    published_revision: agent.publishedRevision,
    created_at: toUnixSeconds(agent.createdAt),
    updated_at: toUnixSeconds(agent.updatedAt),
  };
}

/** A published revision; `agent` is the agent's name. */
export function presentRevision(revision: RevisionRecord): AgentRevisionObject {
  return {
    object: 'agent_revision',
    id: revision.id,
    agent: revision.agentName,
    number: revision.number,
    created_at: toUnixSeconds(revision.createdAt),
    created_by: revision.createdBy,
    ...unsaidOfAgents,
    ...revision.spec,
  };
}
