import { givenMembers, isFields, type Fields } from '../../../../../kernel/fields.js';
import { unsupported } from '../../../call/request-body.js';
import { numberOf } from '../../../wire/exact-json.js';
import { isEmptyValue, toolsOf, choiceOf } from './response-tools.js';
import { inputOf } from './response-input.js';

/** Members that both have under the same name. */
const same = [
  'metadata',
  'parallel_tool_calls',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'stream',
  'temperature',
  'top_logprobs',
  'top_p',
  'user',
] as const;

/** Members that Responses cannot say, and that change what is answered. */
const unsayable = ['logit_bias', 'stop', 'prediction', 'audio'] as const;

/** The shortest length that providers of Responses take, in tokens; a chat may be of one token. */
const leastTokens = 16;

/** Members that are only hints, or that are said in another way. */
const others = new Set<string>([
  ...same,
  ...unsayable,
  'frequency_penalty',
  'function_call',
  'functions',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'messages',
  'modalities',
  'model',
  'n',
  'presence_penalty',
  'reasoning_effort',
  'response_format',
  'seed',
  'store',
  'stream_options',
  'tool_choice',
  'tools',
  'verbosity',
  'web_search_options',
]);

/**
 * A chat request as a request for a response.
 * @param chat the members of the chat body as it would go to a provider, their numbers as they were written.
 * @throws AppError unsupported_parameter for a member that changes the answer and has no form in Responses.
 */
export function responseRequestOf(chat: Fields): Fields {
  for (const name of unsayable) if (!isEmptyValue(chat[name])) throw unsupported(name);
  if (typeof chat['n'] === 'number' && chat['n'] > 1) throw unsupported('n');
  const { modalities } = chat;
  if (Array.isArray(modalities) && modalities.some((name) => name !== 'text')) throw unsupported('modalities');
  const unknown = Object.entries(chat).filter(([name]) => !others.has(name));
  const { reasoning_effort: effort, verbosity, response_format: format } = chat;
  const text = givenMembers({ format: formatOf(format), verbosity });
  return givenMembers({
    ...Object.fromEntries(unknown),
    ...Object.fromEntries(same.map((name) => [name, chat[name]])),
    model: chat['model'],
    store: false,
    input: inputOf(Array.isArray(chat['messages']) ? (chat['messages'] as unknown[]).filter(isFields) : []),
    max_output_tokens: lengthOf(chat['max_completion_tokens'] ?? chat['max_tokens']),
    reasoning: effort === undefined || effort === null ? undefined : { effort },
    text: Object.keys(text).length === 0 ? undefined : text,
    tools: toolsOf(chat),
    tool_choice: choiceOf(chat),
    include: chat['logprobs'] === true ? ['message.output_text.logprobs'] : undefined,
  });
}

/** How long the answer may be. What no chat may ask for either goes on, so that its provider says so. */
function lengthOf(asked: unknown): unknown {
  const tokens = numberOf(asked);
  const isTooShort = tokens !== undefined && Number.isInteger(tokens) && tokens >= 1 && tokens < leastTokens;
  return isTooShort ? leastTokens : asked;
}

function formatOf(format: unknown): Fields | undefined {
  if (!isFields(format)) return undefined;
  const { type, json_schema: schema } = format;
  return type === 'json_schema' && isFields(schema) ? { type, ...schema } : { type };
}
