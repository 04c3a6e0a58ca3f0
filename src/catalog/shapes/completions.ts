import { z } from 'zod';
import { sampling, streamOptions } from './chat-request.js';
import { answeredModel, completionUsage, count, model, streamFlag, unixTime, user } from './common.js';

/** `POST /completions`. */
export const completionBody = z
  .looseObject({
    model,
    prompt: z
      .union([z.string(), z.array(z.string()), z.array(z.number().int()), z.array(z.array(z.number().int()))])
      .describe('The text to complete, or a list of texts. Tokens are taken where the model has no instructions.'),
    ...sampling,
    max_tokens: z.number().int().min(0).nullish().default(16).describe('How many tokens the answer has at most.'),
    suffix: z.string().nullish().describe('What stands behind the text that is inserted.'),
    echo: z.boolean().nullish().default(false).describe('Whether the answer begins with the prompt.'),
    best_of: z.number().int().min(0).max(20).nullish().default(1).describe('So many are made, and the best are answered.'),
    logprobs: z.number().int().min(0).max(5).nullish().describe('Tells the probabilities of so many tokens in each place.'),
    stream: streamFlag,
    stream_options: streamOptions,
    user,
  })
  .describe('A legacy completion. Every other member of the call in the API of OpenAI is taken too.');

/** The answer, and a piece of a streamed one: both have one form. */
export const completion = z
  .looseObject({
    id: z.string(),
    object: z.literal('text_completion'),
    created: unixTime.describe('When it was made, in Unix seconds.'),
    model: answeredModel,
    choices: z
      .array(
        z.looseObject({
          index: count.describe('The number of the answer, from 0 on.'),
          text: z.string().describe('The text, or the next piece of it.'),
          finish_reason: z.string().nullish().describe('Why it ended: stop, length or content_filter.'),
          logprobs: z
            .looseObject({
              tokens: z.array(z.string()).optional().describe('The tokens.'),
              token_logprobs: z.array(z.number().nullable()).optional().describe('The logarithms of their probabilities.'),
              top_logprobs: z
                .array(z.record(z.string(), z.number()).nullable())
                .nullish()
                .describe('The likeliest tokens in each place.'),
              text_offset: z.array(z.number().int()).optional().describe('Where in the text each begins.'),
            })
            .nullish()
            .describe('How likely the tokens were, where the request asked for it.'),
        }),
      )
      .describe('The answers.'),
    usage: completionUsage.nullish(),
    system_fingerprint: z.string().nullish().describe("The provider's mark of how the model ran."),
  })
  .meta({ id: 'Completion', description: 'The answer to a legacy completion, or a piece of it.' });
