import { givenMembers, isGiven, type Fields } from '../../../../kernel/fields.js';
import { invalid, unsupported } from '../../call/request-body.js';
import { numberOf } from '../../wire/exact-json.js';
import type { AskedChat, AskedFormat, AskedTool } from '../asked/asked-chat.js';
import { readChat } from '../asked/read-chat.js';
import { sharedMembers } from '../asked/shared-members.js';
import type { DialectAsked, DialectRequest } from '../dialect.js';
import { sdkPrompt } from './sdk-prompt.js';
import type { OwnOptions } from './own-options.js';

/** Members that every package takes or warns of, and those that are said, refused or meant for the platform. */
const known = new Set<string>([...sharedMembers, 'frequency_penalty', 'presence_penalty', 'seed', 'top_k']);

/**
 * A chat as the options of a call of a model, in JSON (`platform/ai-sdk/model-request.ts`). The path is the operation.
 * @param own what the provider's package takes in options of its own.
 * @throws AppError as for `ChatDialect.request`.
 */
export function sdkRequest(
  chat: Fields,
  { stream, kept }: Pick<DialectAsked, 'stream' | 'kept'>,
  own: OwnOptions,
): DialectRequest {
  refuseLogprobs(chat);
  const asked = readChat(chat);
  const { options, leftOut } = own(chat, asked);
  return {
    path: stream ? '/stream' : '/generate',
    body: givenMembers({
      model: asked.model,
      prompt: sdkPrompt(asked, kept),
      maxOutputTokens: asNumber(asked.maxTokens, 'max_completion_tokens'),
      temperature: asNumber(chat['temperature'], 'temperature'),
      topP: asNumber(chat['top_p'], 'top_p'),
      topK: asNumber(chat['top_k'], 'top_k'),
      presencePenalty: asNumber(chat['presence_penalty'], 'presence_penalty'),
      frequencyPenalty: asNumber(chat['frequency_penalty'], 'frequency_penalty'),
      seed: asNumber(chat['seed'], 'seed'),
      stopSequences: asked.stop.length === 0 ? undefined : asked.stop,
      responseFormat: formatOf(asked.format),
      ...toolOptions(asked),
      providerOptions: options,
    }),
    leftOut: [...leftOut, ...furtherHints(chat)],
  };
}

function asNumber(value: unknown, name: string): unknown {
  if (isGiven(value) && numberOf(value) === undefined) throw invalid(name, 'expected a number');
  return value;
}

function formatOf(format: AskedFormat): Fields | undefined {
  if (format === 'text') return undefined;
  return format === 'json' ? { type: 'json' } : { type: 'json', ...format };
}

function toolOptions({ tools, choice }: AskedChat): Fields {
  if (tools.length === 0) return {};
  const toolChoice = typeof choice === 'string' ? { type: choice } : { type: 'tool', toolName: choice.name };
  return { tools: tools.map(toolOf), toolChoice };
}

function toolOf({ name, description, parameters, strict }: AskedTool): Fields {
  return givenMembers({ type: 'function', name, description, inputSchema: parameters, strict: strict ? true : undefined });
}

function refuseLogprobs({ logprobs, top_logprobs: several }: Fields): void {
  if (logprobs === true) throw unsupported('logprobs');
  if ((numberOf(several) ?? 0) > 0) throw unsupported('top_logprobs');
}

function furtherHints(chat: Fields): string[] {
  return Object.keys(chat).filter((name) => !known.has(name) && isGiven(chat[name]));
}
