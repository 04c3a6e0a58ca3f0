import { z } from 'zod';
import { objectName } from './names.js';
import type { Modality } from './scopes.js';

/** A model of a connection, named by the connection's name in its tenant. */
export const modelReference = z
  .strictObject({
    connection: objectName.describe('The connection, by its name.'),
    model: z.string().min(1).max(256).describe('The model, as its provider names it.'),
  })
  .meta({ id: 'ModelReference', description: 'A model of a connection.' });

const jsonValue = z.json().register(z.globalRegistry, { id: 'JsonValue', description: 'Any value of JSON.' });

/** Parameters that an agent sets. The request may override them unless they are pinned. */
const parameters = z
  .record(z.string().regex(/^[a-z_][a-z0-9_]{0,63}$/i), jsonValue)
  .refine(
    (given) =>
      !['model', 'messages', 'input', 'prompt', 'stream', 'stream_options', '__proto__'].some((name) =>
        Object.hasOwn(given, name),
      ),
    {
      error: 'may not set model, messages, input, prompt, stream or stream_options',
    },
  );

/** Tools that a provider runs itself and that an agent may allow. Files are searched by the platform itself. */
export const hostedTools = ['web_search', 'code_interpreter', 'image_generation', 'shell', 'mcp'] as const;

export type HostedTool = (typeof hostedTools)[number];

/** What a model is taken to hold where no agent says it. */
export const defaultContextTokens = 32_000;

/** Tokens that an answer is taken to have at most where neither the request nor its agent says so. */
export const usualOutputTokens = 4_096;

/** Further models in the order in which they are tried. */
const furtherModels = z.array(modelReference).max(4);

/** What an agent is (contract section 1): the draft that is edited, and the frozen text of each revision. */
export const agentSpec = z
  .strictObject({
    description: z.string().max(1000).describe('What the agent is for, in words for people.').default(''),
    instructions: z
      .string()
      .max(200_000)
      .describe('The instructions that the chat model receives before the conversation.')
      .default(''),
    instructions_role: z
      .enum(['system', 'developer'])
      .describe('The role of the first message, which holds the instructions.')
      .default('system'),
    models: z
      .strictObject({
        chat: modelReference.describe('The model that chats.'),
        embed: modelReference.describe('The model that makes vectors.'),
        transcribe: modelReference.describe('The model that turns speech into text.'),
        speech: modelReference
          .extend({
            voice: z.string().optional().describe('The voice to speak with when a call names none.'),
            format: z.string().optional().describe('The audio format when a call names none.'),
            speed: z.number().min(0.25).max(4).optional().describe('The speed of the voice when a call names none; 1 is usual.'),
          })
          .describe('The model that speaks.'),
        image: modelReference
          .extend({
            size: z.string().max(32).optional().describe('The size of images when a call names none, such as 1024x1024.'),
            quality: z.string().max(32).optional().describe('The quality of images when a call names none.'),
            response_format: z
              .enum(['url', 'b64_json'])
              .optional()
              .describe('The form of images when a call names none; addresses only where they may be shown.'),
            provider_urls: z
              .boolean()
              .optional()
              .describe('Whether a reply may show addresses of images at the provider. By default images come as data.'),
          })
          .describe('The model that makes images.'),
        moderate: modelReference.describe('The model that moderates.'),
      })
      .partial()
      .refine((models) => Object.keys(models).length > 0, 'must name a model for at least one modality')
      .describe('The models by what they serve; one of them at least.'),
    parameters: parameters
      .describe('Parameters of the requests to the provider, such as temperature. A call may set its own unless they are pinned.')
      .default({}),
    pinned: z.array(z.string()).max(64).describe('Names of parameters that a call cannot set.').default([]),
    datasets: z.array(z.string()).max(64).describe('The datasets that the agent answers from, by their aliases.').default([]),
    sessions: z
      .boolean()
      .describe('Whether the user field or the session header of a call selects a stored conversation.')
      .default(false),
    context_tokens: z
      .number()
      .int()
      .min(1_000)
      .max(10_000_000)
      .describe(
        'The tokens that the chat model takes in and gives out together. As much of a conversation as fits is sent along.',
      )
      .default(defaultContextTokens),
    // Without a default: the release before refuses an agent that has the member.
    max_output_tokens: z
      .number()
      .int()
      .min(1)
      .max(10_000_000)
      .describe(
        'The tokens that limits and budgets take an answer to have at most where a request does not say it; 4,096 by default.',
      )
      .optional(),
    retry_after_max_seconds: z
      .number()
      .int()
      .min(0)
      .max(10)
      .describe(
        'A provider that answers 429 or 503 and asks for a wait of at most this many seconds is called once more; 0: never.',
      )
      .default(0),
    // Without a default, too.
    hosted_tools: z
      .array(z.enum(hostedTools))
      .max(hostedTools.length)
      .describe(
        'Tools that the provider runs itself and that a call may use. With mcp, a call may name servers and credentials of its own.',
      )
      .optional(),
    // Without a default, too.
    fallbacks: z
      .strictObject({
        chat: furtherModels.describe('Models that chat.'),
        speech: furtherModels.describe('Models that speak.'),
        image: furtherModels.describe('Models that make images.'),
        moderate: furtherModels.describe('Models that moderate.'),
      })
      .partial()
      .describe('Models that are asked in their order when the provider before fails and nothing was answered yet.')
      .optional(),
    // Without a default, too.
    fetch_addresses: z
      .boolean()
      .describe(
        'Whether the platform fetches images and PDFs that a request names by public https addresses, where the provider of the chat model takes only their bytes.',
      )
      .optional(),
    // Without a default, too.
    batches: z
      .enum(['platform', 'provider'])
      .describe(
        "Who makes a batch all of whose requests name the agent: the platform, request by request, or the provider, as a batch of its own, where the agent needs no more than the provider's answers. By default the platform.",
      )
      .optional(),
  })
  .describe('What an agent is.');

export type AgentSpec = z.infer<typeof agentSpec>;

/** What an agent is shown to say where its text says nothing of it: members that came after the first release. */
export const unsaidOfAgents: Pick<AgentSpec, 'max_output_tokens' | 'hosted_tools' | 'fallbacks' | 'fetch_addresses' | 'batches'> =
  {
    max_output_tokens: usualOutputTokens,
    hosted_tools: [],
    fallbacks: {},
    fetch_addresses: false,
    batches: 'platform',
  };

/** The fallbacks without empty lists; undefined where none is left. */
export function givenFallbacks(fallbacks: AgentSpec['fallbacks'] = {}): AgentSpec['fallbacks'] {
  const given = Object.entries(fallbacks).filter(([, further]) => further.length > 0);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** A model that a spec names, and where. */
export interface NamedModel {
  readonly modality: Modality;
  /** The place in the spec, for messages: `fallbacks.chat[0]`. */
  readonly place: string;
  readonly reference: z.infer<typeof modelReference>;
}

/** All models of a spec, those of the first choice before the further ones. */
export function modelsOf({ models, fallbacks = {} }: Pick<AgentSpec, 'models' | 'fallbacks'>): NamedModel[] {
  return [
    ...Object.entries(models).map(([modality, reference]) => ({
      modality: modality as Modality,
      place: `models.${modality}`,
      reference,
    })),
    ...Object.entries(fallbacks).flatMap(([modality, further]) =>
      further.map((reference, at) => ({ modality: modality as Modality, place: `fallbacks.${modality}[${at}]`, reference })),
    ),
  ];
}
