import { z } from 'zod';
import { createdAt } from './times.js';
import { modelReference } from './agent-spec.js';
import { endpointLimits, endpointLimitsPatch } from './key-limits.js';
import { adminListQuery, tenantHint } from './lists.js';
import { endpointName } from './names.js';
import { modalities } from './scopes.js';

export const endpointKinds = ['agent_alias', 'raw_model'] as const;

/** A connection's model and what it serves; without `modalities` it serves all that its connection's wire has. */
const rawModel = modelReference
  .extend({
    modalities: z
      .array(z.enum(modalities))
      .min(1)
      .max(modalities.length)
      .optional()
      .describe("What the model serves; by default everything that its connection's wire has."),
  })
  .describe('A model of a connection. Not together with agent.');

const agentReference = z.string().min(1).max(128).describe('An agent, by its name or id. Not together with raw_model.');
const publishedName = endpointName.describe('The published name, which clients put into model.');
const isDefault = z
  .boolean()
  .describe('Whether calls that name no model, or the model default, go here. A tenant has one default at most.');

/** `POST /endpoints`: a name for an agent (its id or name) or for a connection's model, exactly one of them. */
export const createEndpointRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    name: publishedName,
    agent: agentReference.optional(),
    raw_model: rawModel.optional(),
    default: isDefault.default(false),
    limits: endpointLimitsPatch.optional().describe('Limits of calls under this name, whoever makes them.'),
  })
  .describe("A published name for an agent or for a connection's model, exactly one of them.")
  .meta({ examples: [{ name: 'fast', raw_model: { connection: 'main', model: 'gpt-5-mini' } }] });

export type CreateEndpointRequest = z.infer<typeof createEndpointRequest>;

/** What may change of an endpoint. It stays an alias or a raw model: keys allow the two by separate lists. */
export const updateEndpointRequest = z
  .strictObject({
    tenant: z.string().optional().describe(tenantHint),
    name: publishedName.optional(),
    agent: agentReference.optional(),
    raw_model: rawModel.optional(),
    default: isDefault.optional(),
    limits: endpointLimitsPatch.optional(),
  })
  .describe('What changes in an endpoint. It stays an alias of an agent or a raw model.')
  .meta({ examples: [{ default: true }] });

export type UpdateEndpointRequest = z.infer<typeof updateEndpointRequest>;

/** An endpoint as the admin plane shows it. */
export const endpointObject = z
  .object({
    object: z.literal('endpoint'),
    id: z.string(),
    name: z.string(),
    kind: z.enum(endpointKinds),
    agent: z.string().nullable().describe('The name of the agent behind an alias; null for a raw model.'),
    revision: z.number().int().nullable().describe('The number of the revision that answers; null for a raw model.'),
    raw_model: z
      .object({ connection: z.string(), model: z.string() })
      .nullable()
      .describe('The model behind a raw model; null for an alias.'),
    modalities: z.array(z.enum(modalities)),
    default: z.boolean(),
    limits: endpointLimits,
    created_at: createdAt,
    warnings: z
      .array(z.string())
      .optional()
      .describe('Only after a creation or change: what is worth knowing about the name and its limits.'),
  })
  .meta({ id: 'Endpoint', description: 'An endpoint: a published name and what answers under it.' });

export type EndpointObject = z.infer<typeof endpointObject>;

const switchingNames = /^(gpt-5|o1|o3|claude)/i;

/** What to say when a name is published by which clients switch their behaviour; mostly nothing. */
export function endpointNameWarnings(name: string): string[] {
  if (!name.split('/').some((part) => switchingNames.test(part))) return [];
  return [
    `Some clients change what they send when a model is named like "${name}" (gpt-5*, o1*, o3*, claude*). Choose another name unless you want that.`,
  ];
}

export const listEndpointsQuery = adminListQuery
  .extend({
    name: z.string().max(128).optional().describe('Only the endpoint of this name.'),
    kind: z.enum(endpointKinds).optional().describe('Only aliases of agents, or only raw models.'),
    agent: agentReference.optional().describe('Only aliases of this agent, by its name or id.'),
    default: z
      .stringbool({ truthy: ['true'], falsy: ['false'] })
      .optional()
      .describe('Only the default, or all but the default.'),
  })
  .describe('Which endpoints a list shows.');
