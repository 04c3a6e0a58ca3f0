import { z } from 'zod';
import { adminListQuery } from './lists.js';
import { endpointName, objectName } from './names.js';

/** A model of a connection, named by the connection's name in its tenant. */
export const modelReference = z.strictObject({
  connection: objectName,
  model: z.string().min(1).max(256),
});

/** Parameters that an agent sets. The request may override them unless they are pinned. */
const parameters = z
  .record(z.string().regex(/^[a-z_][a-z0-9_]{0,63}$/i), z.json())
  .refine(
    (given) =>
      !['model', 'messages', 'input', 'prompt', 'stream', 'stream_options', '__proto__'].some((name) =>
        Object.hasOwn(given, name),
      ),
    {
      error: 'may not set model, messages, input, prompt, stream or stream_options',
    },
  );

/** What a model is taken to hold where no agent says it. */
export const defaultContextTokens = 32_000;

/** What an agent is (contract section 1): the draft that is edited, and the frozen text of each revision. */
export const agentSpec = z.strictObject({
  description: z.string().max(1000).default(''),
  instructions: z.string().max(200_000).default(''),
  /** Where the instructions stand: as the first message of this role. */
  instructions_role: z.enum(['system', 'developer']).default('system'),
  models: z
    .strictObject({
      chat: modelReference,
      embed: modelReference,
      transcribe: modelReference,
      speech: modelReference.extend({ voice: z.string().optional(), format: z.string().optional() }),
      image: modelReference,
      moderate: modelReference,
    })
    .partial()
    .refine((models) => Object.keys(models).length > 0, 'must name a model for at least one modality'),
  parameters: parameters.default({}),
  /** Names of parameters that a request cannot override. */
  pinned: z.array(z.string()).max(64).default([]),
  /** Aliases of the datasets that the agent answers from. */
  datasets: z.array(z.string()).max(64).default([]),
  /** The OpenAI `user` string or the session header selects a lasting conversation. */
  sessions: z.boolean().default(false),
  /** Tokens that the chat model takes in and gives out together: so much of a conversation's history is sent along. */
  context_tokens: z.number().int().min(1_000).max(10_000_000).default(defaultContextTokens),
  /** Try a provider's 429 or 503 once more when it asks for a short wait (at most this many seconds; 0: never). */
  retry_after_max_seconds: z.number().int().min(0).max(10).default(0),
});

export type AgentSpec = z.infer<typeof agentSpec>;

export const createAgentRequest = agentSpec.extend({ tenant: z.string().optional(), name: objectName });

const { shape } = agentSpec;

/** What may change of an agent's draft; absent fields stay as they are, `models` is replaced as a whole. */
export const updateAgentRequest = z.strictObject({
  tenant: z.string().optional(),
  name: objectName.optional(),
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
});

/** `POST /agents/{id}/publish`. With `endpoint`, the agent is reachable under that name afterwards. */
export const publishAgentRequest = z.strictObject({ tenant: z.string().optional(), endpoint: endpointName.optional() });

/** An agent as the admin plane shows it: its draft, and the number of the newest revision. */
export const agentObject = z.object({
  object: z.literal('agent'),
  id: z.string(),
  name: z.string(),
  ...shape,
  published_revision: z.number().int().nullable(),
  created_at: z.number().int(),
  updated_at: z.number().int(),
});

export type AgentObject = z.infer<typeof agentObject>;

/** A published revision. Its `models.*.connection` and `datasets` are ids: a revision never changes. */
export const agentRevisionObject = z.object({
  object: z.literal('agent_revision'),
  id: z.string(),
  agent: z.string(),
  number: z.number().int(),
  created_at: z.number().int(),
  created_by: z.string(),
  ...shape,
});

export type AgentRevisionObject = z.infer<typeof agentRevisionObject>;

export type CreateAgentRequest = z.infer<typeof createAgentRequest>;
export type UpdateAgentRequest = z.infer<typeof updateAgentRequest>;
export type PublishAgentRequest = z.infer<typeof publishAgentRequest>;

export const listAgentsQuery = adminListQuery.extend({ name: z.string().max(100).optional() });
