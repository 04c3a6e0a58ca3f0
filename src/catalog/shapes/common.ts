import { z } from 'zod';

/*
 * The shapes of this folder describe bodies that are passed on, in the form of OpenAI's API. Nothing parses by them: which
 * requests are accepted is decided by the kinds of inference and by providers. Members that are not described pass too.
 */

export const model = z.string().min(1).max(256).describe('The name of a model that the key may use, or `default`.');

export const defaultModel = model
  .optional()
  .describe("The name of a model that the key may use. Without it the tenant's default model is asked.");

/** The name that a reply shows. */
export const answeredModel = z.string().describe('The published name that was asked.');

export const unixTime = z.number().int().describe('In Unix seconds.');

export const count = z.number().int().min(0);

/** OpenAI's metadata, as a request gives it. */
export const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .nullish()
  .describe('At most 16 pairs of short texts, kept with what is stored.');

/** A JSON Schema, as tools and forms of answers have it. */
export const jsonSchemaObject = z.record(z.string(), z.unknown()).describe('A JSON Schema.');

/** Steps of what a model spends on thinking. */
export const effort = z
  .string()
  .nullish()
  .describe('How long a model that thinks shall think: none, minimal, low, medium, high, xhigh or max, as far as it knows them.');

export const verbosity = z.string().nullish().describe('How much the model writes: low, medium or high.');

export const serviceTier = z
  .string()
  .nullish()
  .describe('The class of service at the provider, such as auto, default, flex or priority.');

export const user = z
  .string()
  .optional()
  .describe('An id of the end user. Where conversations are on, a session of that name is found by it.');

export const safetyIdentifier = z.string().max(64).nullish().describe('A stable id of the end user without personal data.');

export const temperature = z
  .number()
  .min(0)
  .max(2)
  .nullish()
  .describe('How freely tokens are chosen: 0 is the most settled. Usually 1.');

export const topP = z
  .number()
  .min(0)
  .max(1)
  .nullish()
  .describe('Only the likeliest tokens are looked at, up to this sum of probabilities. Usually 1.');

/** What a prompt cache is told. */
export const promptCache = {
  prompt_cache_key: z.string().nullish().describe('Requests with one key share the cache of their beginnings.'),
  prompt_cache_retention: z.string().nullish().describe('How long the beginning is cached: in_memory or 24h.'),
  prompt_cache_options: z
    .looseObject({
      mode: z.string().optional().describe('implicit: cached at places that the provider chooses; explicit: at marked ones.'),
      ttl: z.string().optional().describe('For how long, such as 30m.'),
    })
    .nullish()
    .describe('How the prompt is cached.'),
};

/** Marks the end of what is to be cached. */
export const cacheBreakpoint = z
  .looseObject({ mode: z.literal('explicit').describe('The mark is set by the request.') })
  .nullish()
  .describe('The prompt is cached up to here.');

/** That the provider judges a request and its answer itself. */
export const providerModeration = z
  .looseObject({
    model: z.string().describe('The model that judges.'),
    policy: z
      .looseObject({
        input: z
          .looseObject({ mode: z.string().describe('score or block.') })
          .nullish()
          .describe('For what is asked.'),
        output: z
          .looseObject({ mode: z.string().describe('score or block.') })
          .nullish()
          .describe('For what is answered.'),
      })
      .nullish()
      .describe('What becomes of what is found.'),
  })
  .nullish()
  .describe('Has the provider judge the request and the answer.');

const found = z.looseObject({ type: z.string().describe('What this is: results, one result, or error.') });

/** What that judgement found. */
export const moderationFound = z
  .looseObject({
    input: found.describe('What was found in the request.'),
    output: found.describe('What was found in the answer.'),
  })
  .nullish()
  .describe('What the provider has found, where the request asked for it.');

export const streamFlag = z.boolean().nullish().default(false).describe('Answers piece by piece, as server-sent events.');

/** The tokens of an answer in the API of chats. */
export const completionUsage = z
  .looseObject({
    prompt_tokens: count.describe('Tokens of the request.'),
    completion_tokens: count.describe('Tokens of the answer.'),
    total_tokens: count.describe('Both together.'),
    prompt_tokens_details: z
      .looseObject({
        cached_tokens: count.optional().describe('Those that the cache of the provider had.'),
        cache_write_tokens: count.optional().describe('Those that were put into it.'),
        audio_tokens: count.optional().describe('Those of audio.'),
        image_tokens: count.optional().describe('Those of images.'),
        text_tokens: count.optional().describe('Those of text.'),
      })
      .nullish()
      .describe('The tokens of the request by kind.'),
    completion_tokens_details: z
      .looseObject({
        reasoning_tokens: count.optional().describe('Those that the model thought with.'),
        audio_tokens: count.optional().describe('Those of audio.'),
        text_tokens: count.optional().describe('Those of text.'),
        accepted_prediction_tokens: count.optional().describe('Those of the prediction that were right.'),
        rejected_prediction_tokens: count.optional().describe('Those of the prediction that were wrong.'),
      })
      .nullish()
      .describe('The tokens of the answer by kind.'),
  })
  .meta({ id: 'CompletionUsage', description: 'What the call used.' });
