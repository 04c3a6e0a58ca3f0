import { z } from 'zod';
import {
  effort,
  jsonSchemaObject,
  metadata,
  model,
  promptCache,
  providerModeration,
  safetyIdentifier,
  serviceTier,
  streamFlag,
  temperature,
  topP,
  user,
  verbosity,
} from './common.js';
import { messagePart } from './response-content.js';
import { inputItem } from './response-items.js';
import { responseTool, responseToolChoice } from './response-tools.js';

const input = z.union([z.string(), z.array(inputItem)]).describe('A text, or a list of items.');
const instructions = z.string().nullish().describe("Instructions for this call; the agent's own come before them.");

const previous = z
  .string()
  .nullish()
  .describe('A kept response of the key: its items and those before it come first. Not together with conversation.');

const conversation = z
  .union([z.string(), z.looseObject({ id: z.string().describe('Its id.') })])
  .nullish()
  .describe('The conversation that the turn belongs to, by its id.');

export const reasoning = z
  .looseObject({
    effort,
    summary: z.string().nullish().describe('A summary of the thoughts: auto, concise or detailed.'),
    generate_summary: z.string().nullish().describe('The same in the older form.'),
    mode: z.string().nullish().describe('standard or pro.'),
    context: z.string().nullish().describe('Which former thoughts are given: auto, current_turn or all_turns.'),
  })
  .nullish()
  .describe('How the model thinks.');

export const textOptions = z
  .looseObject({
    format: z
      .looseObject({
        type: z.string().describe('text, json_object or json_schema.'),
        name: z.string().optional().describe('A name for the form.'),
        description: z.string().optional().describe('What it is for.'),
        schema: jsonSchemaObject.optional(),
        strict: z.boolean().nullish().describe('Whether the answer follows the schema exactly.'),
      })
      .optional()
      .describe('The form of the answer: text, any JSON, or JSON by a schema.'),
    verbosity,
  })
  .nullish()
  .describe('How the answer is written.');

export const promptTemplate = z
  .looseObject({
    id: z.string().describe('The template.'),
    version: z.string().nullish().describe('Its version.'),
    variables: z
      .record(z.string(), z.union([z.string(), messagePart]))
      .nullish()
      .describe('What is put into it.'),
  })
  .nullish()
  .describe('A template at the provider.');

const truncation = z
  .string()
  .nullish()
  .describe('auto: what does not fit is left out from the beginning; disabled: it is refused.');

const tools = { tools: z.array(responseTool).nullish().describe('What the model may call.'), tool_choice: responseToolChoice };

const parallel = z.boolean().nullish().describe('Whether an answer may have several calls; usually true.');

/** `POST /responses`. */
export const responseBody = z
  .looseObject({
    model,
    input: input.optional(),
    instructions,
    previous_response_id: previous,
    conversation,
    ...tools,
    parallel_tool_calls: parallel,
    max_tool_calls: z.number().int().nullish().describe('How many tools that the provider runs are called at most.'),
    reasoning,
    text: textOptions,
    temperature,
    top_p: topP,
    top_logprobs: z.number().int().min(0).max(20).nullish().describe('Tells the likeliest tokens in each place.'),
    max_output_tokens: z.number().int().min(16).nullish().describe('How many tokens the answer has at most, thinking included.'),
    truncation,
    include: z
      .array(z.string())
      .nullish()
      .describe('What the answer has besides, such as file_search_call.results or reasoning.encrypted_content.'),
    stream: streamFlag,
    stream_options: z
      .looseObject({ include_obfuscation: z.boolean().optional().describe('Whether events are padded to one length.') })
      .nullish()
      .describe('How a stream is sent.'),
    background: z
      .boolean()
      .nullish()
      .default(false)
      .describe('Answers at once, and a worker makes the response. It must be kept.'),
    store: z.boolean().nullish().default(true).describe('Whether the response is kept and can be read and gone on from.'),
    context_management: z
      .array(
        z.looseObject({
          type: z.string().describe('compaction.'),
          compact_threshold: z.number().int().min(1000).nullish().describe('From so many tokens on.'),
        }),
      )
      .nullish()
      .describe('When a long conversation is made short.'),
    prompt: promptTemplate,
    metadata,
    moderation: providerModeration,
    service_tier: serviceTier,
    ...promptCache,
    safety_identifier: safetyIdentifier,
    user,
  })
  .describe('A response. Every other member of the call in the API of OpenAI is taken too.');

/** What a client sends over the WebSocket of responses: the body of a call, and what only a socket has. */
export const responseFrame = responseBody
  .extend({
    type: z.literal('response.create').describe('The type of the frame.'),
    stream_id: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,256}$/)
      .optional()
      .describe('A lane: frames of one lane are answered one after the other, and each event names it.'),
    generate: z.boolean().optional().default(true).describe('false: the response is prepared and not made.'),
  })
  .describe('A response that is asked for over the WebSocket.');

/** `POST /responses/compact`. */
export const compactBody = z
  .looseObject({
    model,
    input: input.nullish().describe('A text, or a list of items. It may be left out where a former response is named.'),
    instructions,
    previous_response_id: previous,
    ...promptCache,
    service_tier: serviceTier,
  })
  .describe('A conversation that is to be made short. What a response takes, conversation too, is taken as well.');

/** `POST /responses/input_tokens`. */
export const inputTokensBody = z
  .looseObject({
    model,
    input: input.nullish().describe('A text, or a list of items. It may be left out where a former response is named.'),
    instructions,
    previous_response_id: previous,
    conversation,
    ...tools,
    parallel_tool_calls: parallel,
    reasoning,
    text: textOptions,
    truncation,
    personality: z.string().nullish().describe('A manner of the model, such as friendly or pragmatic.'),
  })
  .describe('The input of a response whose tokens are counted. Every other member of such a call is taken too.');
