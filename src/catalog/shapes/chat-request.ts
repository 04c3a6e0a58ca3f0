import { z } from 'zod';
import { chatMessage, predictedText } from './chat-messages.js';
import { chatTools } from './chat-tools.js';
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

const penalty = z.number().min(-2).max(2).nullish().default(0);

/** What steers the choice of tokens in chats and in legacy completions. */
export const sampling = {
  temperature,
  top_p: topP,
  frequency_penalty: penalty.describe('Makes tokens less likely, the more often they came before.'),
  presence_penalty: penalty.describe('Makes tokens less likely that came before at all.'),
  seed: z.number().int().nullish().describe('The same seed gives the same answer, as far as the provider can.'),
  stop: z
    .union([z.string(), z.array(z.string()).max(4)])
    .nullish()
    .describe('The answer ends before these texts, at most four.'),
  logit_bias: z
    .record(z.string(), z.number())
    .nullish()
    .describe('Makes tokens, by their numbers, more or less likely: from -100 to 100.'),
  n: z.number().int().min(1).max(128).nullish().default(1).describe('How many answers are made.'),
};

export const streamOptions = z
  .looseObject({
    include_usage: z.boolean().optional().describe('A last chunk tells what the call used.'),
    include_obfuscation: z.boolean().optional().describe('Whether chunks are padded to one length.'),
  })
  .nullish()
  .describe('How a stream is sent.');

const responseFormat = z
  .looseObject({
    type: z.string().describe('text, json_object or json_schema.'),
    json_schema: z
      .looseObject({
        name: z.string().describe('A name for the form.'),
        description: z.string().optional().describe('What it is for.'),
        schema: jsonSchemaObject.optional(),
        strict: z.boolean().nullish().default(false).describe('Whether the answer follows the schema exactly.'),
      })
      .optional()
      .describe('Of the type json_schema.'),
  })
  .describe('The form of the answer: text, any JSON, or JSON by a schema.');

const webSearch = z
  .looseObject({
    search_context_size: z.string().optional().describe('How much of what is found is read: low, medium or high.'),
    user_location: z
      .looseObject({
        type: z.literal('approximate').describe('About where.'),
        approximate: z
          .looseObject({
            country: z.string().optional().describe('Two letters.'),
            region: z.string().optional().describe('The region.'),
            city: z.string().optional().describe('The city.'),
            timezone: z.string().optional().describe('A time zone by its IANA name.'),
          })
          .describe('The place.'),
      })
      .nullish()
      .describe('Where the person is, about.'),
  })
  .optional()
  .describe('Has the provider search the web. The agent must allow it.');

/** `POST /chat/completions`. */
export const chatBody = z
  .looseObject({
    model,
    messages: z.array(chatMessage).min(1).describe('The conversation so far, in the form of OpenAI.'),
    ...sampling,
    max_completion_tokens: z.number().int().nullish().describe('How many tokens the answer has at most, thinking included.'),
    max_tokens: z.number().int().nullish().describe('The same in the older form.'),
    reasoning_effort: effort,
    verbosity,
    ...chatTools,
    response_format: responseFormat.optional(),
    web_search_options: webSearch,
    modalities: z.array(z.string()).nullish().describe('What is answered: text, audio or both.'),
    audio: z
      .looseObject({
        voice: z.union([z.string(), z.looseObject({ id: z.string().describe('Its id.') })]).describe('The voice.'),
        format: z.string().describe('wav, aac, mp3, flac, opus or pcm16.'),
      })
      .nullish()
      .describe('How an answer is spoken.'),
    prediction: z
      .looseObject({ type: z.literal('content').describe('A text.'), content: predictedText })
      .nullish()
      .describe('What the answer is likely to be, such as a file in which little changes.'),
    logprobs: z.boolean().nullish().default(false).describe('Whether the probability of each token is told.'),
    top_logprobs: z.number().int().min(0).max(20).nullish().describe('And of so many others in its place.'),
    stream: streamFlag,
    stream_options: streamOptions,
    store: z.boolean().nullish().default(false).describe('Keeps the answer, to be read by the routes of stored completions.'),
    metadata,
    moderation: providerModeration,
    service_tier: serviceTier,
    ...promptCache,
    safety_identifier: safetyIdentifier,
    user,
  })
  .describe('A chat. Every other member of the call in the API of OpenAI is taken too.');
