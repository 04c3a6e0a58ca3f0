import { z } from 'zod';
import { functionCall, toolCall } from './chat-messages.js';
import { answeredModel, completionUsage, count, metadata, moderationFound, serviceTier, unixTime } from './common.js';

const bytes = z.array(z.number().int()).nullish().describe('Its bytes in UTF-8; null where it is no text.');
const logprob = z.number().describe('The logarithm of its probability.');

const tokenProbability = z
  .looseObject({
    token: z.string().describe('The token.'),
    logprob,
    bytes,
    top_logprobs: z
      .array(z.looseObject({ token: z.string().describe('A token.'), logprob, bytes }))
      .describe('The likeliest tokens in its place.'),
  })
  .meta({ id: 'TokenProbability', description: 'How likely a token was.' });

const probabilities = z
  .looseObject({
    content: z.array(tokenProbability).nullish().describe('Of the answer.'),
    refusal: z.array(tokenProbability).nullish().describe('Of a refusal.'),
  })
  .nullish()
  .describe('How likely the tokens were, where the request asked for it.');

const finishReason = z.string().nullable().describe('Why it ended: stop, length, tool_calls, content_filter or function_call.');

const annotation = z
  .looseObject({
    type: z.string().describe('url_citation: a page of the web.'),
    url_citation: z
      .looseObject({
        start_index: count.describe('Where in the text it begins.'),
        end_index: count.describe('Where it ends.'),
        title: z.string().describe('The title of the page.'),
        url: z.string().describe('Its address.'),
      })
      .optional()
      .describe('The page.'),
  })
  .describe('What a passage of the answer rests on.');

const message = z
  .looseObject({
    role: z.literal('assistant'),
    content: z.string().nullable().describe('The answer; null beside calls.'),
    refusal: z.string().nullish().describe('What the model said in place of an answer.'),
    tool_calls: z.array(toolCall).optional().describe('What is to be called.'),
    function_call: functionCall.nullish().describe('The same in the older form.'),
    annotations: z.array(annotation).optional().describe('What the answer rests on.'),
    audio: z
      .looseObject({
        id: z.string().describe('By which a later request names it.'),
        data: z.string().describe('The recording in base64.'),
        transcript: z.string().describe('What is said in it.'),
        expires_at: unixTime.describe('Until when the provider knows it.'),
      })
      .nullish()
      .describe('A spoken answer.'),
  })
  .describe('The answer of the model.');

const gt = z
  .looseObject({
    history: z
      .string()
      .optional()
      .describe('client: the request brought its history; server: it was taken from the conversation.'),
    conversation_id: z.string().optional().describe('The conversation that the turn was stored in.'),
  })
  .optional()
  .describe('What the platform adds: the turn of a conversation, and what was retrieved.');

const head = {
  id: z.string(),
  created: unixTime.describe('When it was made, in Unix seconds.'),
  model: answeredModel,
  service_tier: serviceTier,
  system_fingerprint: z.string().nullish().describe("The provider's mark of how the model ran."),
  moderation: moderationFound,
  gt,
};

const completionMembers = {
  ...head,
  object: z.literal('chat.completion'),
  choices: z
    .array(
      z.looseObject({
        index: count.describe('The number of the answer, from 0 on.'),
        message,
        finish_reason: finishReason,
        logprobs: probabilities,
      }),
    )
    .describe('The answers, as many as were asked for.'),
  usage: completionUsage.nullish(),
};

/** The answer to a chat. */
export const chatCompletion = z
  .looseObject({ ...completionMembers, metadata })
  .meta({ id: 'ChatCompletion', description: 'The answer to a chat.' });

/** A piece of a streamed answer. */
export const chatCompletionChunk = z
  .looseObject({
    ...head,
    object: z.literal('chat.completion.chunk'),
    choices: z
      .array(
        z.looseObject({
          index: count.describe('The number of the answer.'),
          delta: z
            .looseObject({
              role: z.string().optional().describe('In the first piece.'),
              content: z.string().nullish().describe('The next piece of the text.'),
              refusal: z.string().nullish().describe('The next piece of a refusal.'),
              tool_calls: z
                .array(
                  z.looseObject({
                    index: count.describe('The number of the call.'),
                    id: z.string().optional().describe('In the first piece of a call.'),
                    type: z.string().optional().describe('function.'),
                    function: z
                      .looseObject({
                        name: z.string().optional().describe('The name.'),
                        arguments: z.string().optional().describe('The next piece of the arguments.'),
                      })
                      .optional()
                      .describe('The function.'),
                  }),
                )
                .optional()
                .describe('The next pieces of calls.'),
              function_call: z
                .looseObject({
                  name: z.string().optional().describe('The name.'),
                  arguments: z.string().optional().describe('The next piece of the arguments.'),
                })
                .nullish()
                .describe('The same in the older form.'),
            })
            .describe('What has come.'),
          finish_reason: finishReason.optional().describe('In the last piece of an answer: why it ended.'),
          logprobs: probabilities,
        }),
      )
      .describe('Pieces of the answers. The chunk that tells the usage has none.'),
    usage: completionUsage.nullish(),
    obfuscation: z.string().optional().describe('Padding.'),
  })
  .meta({ id: 'ChatCompletionChunk', description: 'A piece of a streamed answer. The last event is `[DONE]`.' });

const given = z.unknown().describe('As the request gave it; null where it did not.');

/** A stored completion: the answer, and what of its request OpenAI shows with it. */
export const storedCompletion = z
  .looseObject({
    ...completionMembers,
    metadata: z.record(z.string(), z.string()).describe('At most 16 pairs of short texts.'),
    request_id: z.string().nullish().describe('The id of the request that made it.'),
    input_user: z.string().nullish().describe('The `user` of the request.'),
    tools: given.optional(),
    tool_choice: given.optional(),
    response_format: given.optional(),
    seed: given.optional(),
    temperature: given.optional(),
    top_p: given.optional(),
    presence_penalty: given.optional(),
    frequency_penalty: given.optional(),
  })
  .meta({ id: 'StoredChatCompletion', description: 'A stored chat completion, with the parameters of its request.' });

/** A message of the request of a stored completion. */
export const storedMessage = z
  .looseObject({
    id: z.string().describe('The id of the completion and the number of the message.'),
    role: z.string().describe('Who speaks.'),
    content: z.string().nullish().describe('A text; null where the content has several parts.'),
    name: z.string().nullish().describe('Who it is, where several have this role.'),
    refusal: z.string().nullish().describe('What the model said in place of an answer.'),
    content_parts: z
      .array(z.looseObject({ type: z.string().describe('What the part is.') }))
      .nullish()
      .describe('A content of several parts.'),
    tool_calls: z.array(toolCall).optional().describe('The tools that were called.'),
    tool_call_id: z.string().optional().describe('The call that this is the result of.'),
  })
  .meta({ id: 'StoredMessage', description: 'A message of the request; a content of several parts stands in content_parts.' });
