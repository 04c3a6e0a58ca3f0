import { z } from 'zod';
import { modalities } from './scopes.js';

/** A published name: OpenAI's members, and in `gt` what the platform adds. */
export const modelObject = z
  .object({
    id: z.string().describe('The published name.'),
    object: z.literal('model'),
    created: z.number().int().describe('When it was published, in Unix seconds.'),
    owned_by: z.string().describe('The slug of the tenant.'),
    gt: z.object({
      kind: z.enum(['agent_alias', 'raw_model']).describe('An agent, or a model of a provider.'),
      default: z.boolean().describe('Whether it is asked where a request names none.'),
      modalities: z.array(z.enum(modalities)).describe('What it can be asked for.'),
    }),
  })
  .meta({ id: 'Model', description: 'A model that the key may use.' });

export const modelList = z
  .object({ object: z.literal('list'), data: z.array(modelObject) })
  .describe('Every model that the key may use, by name.');

export type ModelObject = z.infer<typeof modelObject>;
