import { z } from 'zod';
import { modelReference } from './agents.js';
import { adminListQuery } from './lists.js';
import { endpointName } from './names.js';
import { modalities } from './scopes.js';

export const endpointKinds = ['agent_alias', 'raw_model'] as const;

/** A connection's model and what it serves; without `modalities` it serves all of them. */
const rawModel = modelReference.extend({ modalities: z.array(z.enum(modalities)).min(1).max(modalities.length).optional() });

const agentReference = z.string().min(1).max(128);

/** `POST /endpoints`: a name for an agent (its id or name) or for a connection's model, exactly one of them. */
export const createEndpointRequest = z.strictObject({
  tenant: z.string().optional(),
  name: endpointName,
  agent: agentReference.optional(),
  raw_model: rawModel.optional(),
  default: z.boolean().default(false),
});

export type CreateEndpointRequest = z.infer<typeof createEndpointRequest>;

/** What may change of an endpoint. It stays an alias or a raw model: keys allow the two by separate lists. */
export const updateEndpointRequest = z.strictObject({
  tenant: z.string().optional(),
  name: endpointName.optional(),
  agent: agentReference.optional(),
  raw_model: rawModel.optional(),
  default: z.boolean().optional(),
});

export type UpdateEndpointRequest = z.infer<typeof updateEndpointRequest>;

/** An endpoint as the admin plane shows it. */
export const endpointObject = z.object({
  object: z.literal('endpoint'),
  id: z.string(),
  name: z.string(),
  kind: z.enum(endpointKinds),
  /** Name of the agent behind an alias. */
  agent: z.string().nullable(),
  revision: z.number().int().nullable(),
  raw_model: z.object({ connection: z.string(), model: z.string() }).nullable(),
  modalities: z.array(z.enum(modalities)),
  default: z.boolean(),
  created_at: z.number().int(),
  /** Only in replies to a creation or change, where something is worth knowing about the name. */
  warnings: z.array(z.string()).optional(),
});

export type EndpointObject = z.infer<typeof endpointObject>;

const switchingNames = /^(gpt-5|o1|o3|claude)/i;

/** What to say when a name is published by which clients switch their behaviour; mostly nothing. */
export function endpointNameWarnings(name: string): string[] {
  if (!name.split('/').some((part) => switchingNames.test(part))) return [];
  return [
    `Some clients change what they send when a model is named like "${name}" (gpt-5*, o1*, o3*, claude*). Choose another name unless you want that.`,
  ];
}

export const listEndpointsQuery = adminListQuery.extend({
  name: z.string().max(128).optional(),
  kind: z.enum(endpointKinds).optional(),
  /** Name or id of the agent behind an alias. */
  agent: agentReference.optional(),
  default: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
});
