import { z } from 'zod';
import { agentSpec } from './agent-spec.js';
import { adminListQuery, tenantHint } from './lists.js';
import { endpointName, objectName } from './names.js';
import { createdAt } from './times.js';

export const createAgentRequest = agentSpec
  .extend({
    tenant: z.string().optional().describe(tenantHint),
    name: objectName.describe('The name, unique among its kind in the tenant.'),
  })
  .describe('An agent that is to be made: its name and its draft.')
  .meta({ examples: [{ name: 'support', models: { chat: { connection: 'main', model: 'gpt-5' } } }] });

const { shape } = agentSpec;

/** What may change of an agent's draft; absent fields stay as they are, `models` and `fallbacks` are replaced as a whole. */
export const updateAgentRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    name: objectName.describe('The name, unique among its kind in the tenant.').optional(),
    description: shape.description.unwrap().optional(),
    instructions: shape.instructions.unwrap().optional(),
    instructions_role: shape.instructions_role.unwrap().optional(),
    models: shape.models.optional(),
    parameters: shape.parameters.unwrap().optional(),
    pinned: shape.pinned.unwrap().optional(),
    datasets: shape.datasets.unwrap().optional(),
    sessions: shape.sessions.unwrap().optional(),
    context_tokens: shape.context_tokens.unwrap().optional(),
    retry_after_max_seconds: shape.retry_after_max_seconds.unwrap().optional(),
    max_output_tokens: shape.max_output_tokens,
    hosted_tools: shape.hosted_tools,
    fallbacks: shape.fallbacks,
    fetch_addresses: shape.fetch_addresses,
    batches: shape.batches,
  })
  .describe(
    'What changes in the draft of an agent. Absent fields stay as they are; models and fallbacks are replaced as a whole.',
  )
  .meta({ examples: [{ instructions: 'Answer in one sentence.' }] });

/** `POST /agents/{id}/publish`. With `endpoint`, the agent is reachable under that name afterwards. */
export const publishAgentRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    endpoint: endpointName.optional().describe('The published name under which the agent can be called afterwards.'),
  })
  .describe('Publishes the draft as a new revision.');

/** An agent as the admin plane shows it: its draft, and the number of the newest revision. */
export const agentObject = z
  .object({
    object: z.literal('agent'),
    id: z.string(),
    name: z.string(),
    ...shape,
    published_revision: z.number().int().nullable().describe('The number of the newest revision; null before the first one.'),
    created_at: createdAt,
    updated_at: z.number().int().describe('When the draft last changed, in Unix seconds.'),
  })
  .meta({ id: 'Agent', description: 'An agent with its draft.' });

export type AgentObject = z.infer<typeof agentObject>;

/** A published revision. Its `models.*.connection` and `datasets` are ids: a revision never changes. */
export const agentRevisionObject = z
  .object({
    object: z.literal('agent_revision'),
    id: z.string(),
    agent: z.string().describe('The id of the agent.'),
    number: z.number().int().describe('Revisions of an agent are counted from 1.'),
    created_at: createdAt,
    created_by: z.string().describe('Who published it: the name of a token, or of the operator.'),
    ...shape,
  })
  .meta({
    id: 'AgentRevision',
    description: 'A published revision of an agent. It never changes; connections and datasets in it are ids.',
  });

export type AgentRevisionObject = z.infer<typeof agentRevisionObject>;

export type CreateAgentRequest = z.infer<typeof createAgentRequest>;
export type UpdateAgentRequest = z.infer<typeof updateAgentRequest>;
export type PublishAgentRequest = z.infer<typeof publishAgentRequest>;

export const listAgentsQuery = adminListQuery
  .extend({ name: z.string().max(100).optional().describe('Only the agent of this name.') })
  .describe('Which agents a list shows.');
