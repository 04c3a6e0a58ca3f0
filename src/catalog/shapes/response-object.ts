import { z } from 'zod';
import { answeredModel, count, moderationFound, promptCache, safetyIdentifier, serviceTier, unixTime } from './common.js';
import { inputItem, responseItem } from './response-items.js';
import { promptTemplate, reasoning, textOptions } from './response-request.js';
import { responseTool, responseToolChoice } from './response-tools.js';

const usage = z
  .looseObject({
    input_tokens: count.describe('Tokens of the request.'),
    input_tokens_details: z
      .looseObject({
        cached_tokens: count.optional().describe('Those that the cache of the provider had.'),
        cache_write_tokens: count.optional().describe('Those that were put into it.'),
      })
      .optional()
      .describe('The tokens of the request by kind.'),
    output_tokens: count.describe('Tokens of the answer.'),
    output_tokens_details: z
      .looseObject({ reasoning_tokens: count.optional().describe('Those that the model thought with.') })
      .optional()
      .describe('The tokens of the answer by kind.'),
    total_tokens: count.describe('Both together.'),
  })
  .meta({ id: 'ResponseUsage', description: 'What the call used.' });

/** A response: made, being made, or kept. */
export const responseObject = z
  .looseObject({
    id: z.string(),
    object: z.literal('response'),
    created_at: unixTime.describe('When it was made, in Unix seconds.'),
    completed_at: z.number().nullish().describe('When it was complete, in Unix seconds.'),
    status: z.string().optional().describe('completed, incomplete, failed, in_progress, queued or cancelled.'),
    error: z
      .looseObject({ code: z.string().describe('What it is.'), message: z.string().describe('What it is, in words.') })
      .nullish()
      .describe('Why it failed; null otherwise.'),
    incomplete_details: z
      .looseObject({ reason: z.string().optional().describe('max_output_tokens or content_filter.') })
      .nullish()
      .describe('Why it is not complete; null otherwise.'),
    model: answeredModel,
    output: z.array(responseItem).describe('The items that the model answered.'),
    usage: usage.nullish(),
    instructions: z
      .union([z.string(), z.array(inputItem)])
      .nullish()
      .describe('Those of the request.'),
    previous_response_id: z.string().nullish().describe('The response that it goes on from.'),
    conversation: z
      .looseObject({ id: z.string().describe('Its id.') })
      .nullish()
      .describe('The conversation of the turn.'),
    tools: z.array(responseTool).optional().describe('Those of the request, without credentials.'),
    tool_choice: responseToolChoice,
    parallel_tool_calls: z.boolean().nullish().describe('Whether an answer may have several calls.'),
    max_tool_calls: z.number().int().nullish().describe('As the request said.'),
    max_output_tokens: z.number().int().nullish().describe('As the request said.'),
    reasoning,
    text: textOptions,
    temperature: z.number().nullish().describe('As the request or the agent said.'),
    top_p: z.number().nullish().describe('As the request or the agent said.'),
    top_logprobs: z.number().int().nullish().describe('As the request said.'),
    truncation: z.string().nullish().describe('As the request said.'),
    background: z.boolean().nullish().describe('Whether a worker makes it.'),
    store: z.boolean().nullish().describe('Whether it is kept.'),
    prompt: promptTemplate,
    metadata: z.record(z.string(), z.string()).nullish().describe('The pairs of the request.'),
    moderation: moderationFound,
    service_tier: serviceTier,
    ...promptCache,
    safety_identifier: safetyIdentifier,
    user: z.string().nullish().describe('As the request said.'),
    gt: z
      .looseObject({
        history: z.string().optional().describe('client: the request brought its history; server: the conversation did.'),
        conversation_id: z.string().optional().describe('The conversation that the turn was stored in.'),
      })
      .optional()
      .describe('What the platform adds: the turn of a conversation, and what was retrieved.'),
  })
  .meta({ id: 'Response', description: 'A response.' });

/** The answer of `POST /responses/compact`. */
export const compactedResponse = z
  .looseObject({
    id: z.string(),
    object: z.literal('response.compaction'),
    created_at: unixTime.describe('When it was made, in Unix seconds.'),
    output: z.array(responseItem).describe("The user's messages, and at the end one compaction."),
    usage,
  })
  .describe('A conversation that was made short: the input of the next request.');

/** The answer of `POST /responses/input_tokens`. */
export const inputTokens = z
  .looseObject({ object: z.literal('response.input_tokens'), input_tokens: count.describe('The tokens of the input.') })
  .describe('How many tokens an input has.');
