import { isFields, isGiven, type Fields } from '../../../../kernel/fields.js';
import { invalid, unsupported } from '../../call/request-body.js';
import { numberOf } from '../../wire/exact-json.js';
import type { AskedChat, AskedFormat } from './asked-chat.js';
import { readMessages } from './read-messages.js';
import { readTools } from './read-tools.js';

/** Members that change what is answered and that only OpenAI's wires can say. */
const unsayable = ['logit_bias', 'prediction', 'audio'] as const;

/**
 * Reads a chat request for a wire that is not OpenAI's.
 * @param chat as for `ChatDialect.request`.
 * @throws AppError unsupported_parameter, invalid_value.
 */
export function readChat(chat: Fields): AskedChat {
  refuseUnsayable(chat);
  return {
    model: chat['model'],
    ...readMessages(chat['messages']),
    ...readTools(chat),
    format: formatOf(chat['response_format']),
    stop: stopsOf(chat['stop']),
    maxTokens: chat['max_completion_tokens'] ?? chat['max_tokens'] ?? undefined,
    parallel: chat['parallel_tool_calls'] !== false,
  };
}

function refuseUnsayable(chat: Fields): void {
  for (const name of unsayable) if (saysSomething(chat[name])) throw unsupported(name);
  const several = numberOf(chat['n']);
  if (several !== undefined && several > 1) throw unsupported('n');
  const { modalities } = chat;
  if (Array.isArray(modalities) && modalities.some((name) => name !== 'text')) throw unsupported('modalities');
}

function saysSomething(value: unknown): boolean {
  return isGiven(value) && !(typeof value === 'object' && Object.keys(value as object).length === 0);
}

function formatOf(format: unknown): AskedFormat {
  if (!isFields(format)) return 'text';
  const { type, json_schema: told } = format;
  if (type === 'json_object') return 'json';
  if (type !== 'json_schema') return 'text';
  if (!isFields(told) || !isFields(told['schema'])) throw invalid('response_format.json_schema.schema', 'expected a JSON schema');
  const { name, schema } = told;
  return { schema: schema as Fields, ...(typeof name === 'string' ? { name } : {}) };
}

function stopsOf(stop: unknown): readonly string[] {
  if (!isGiven(stop)) return [];
  const texts = Array.isArray(stop) ? (stop as unknown[]) : [stop];
  if (!texts.every((text) => typeof text === 'string')) throw invalid('stop', 'expected a string or an array of strings');
  return texts.filter((text) => text !== '');
}
