import { givenMembers, isFields, isGiven, type Fields } from '../../../../kernel/fields.js';
import { unsupported } from '../../call/request-body.js';
import { numberOf } from '../../wire/exact-json.js';
import type { AskedChat } from '../asked/asked-chat.js';
import { readChat } from '../asked/read-chat.js';
import { sharedMembers } from '../asked/shared-members.js';
import type { DialectAsked, DialectRequest } from '../dialect.js';
import { textBlocks } from './content-blocks.js';
import { formatMembers } from './format-members.js';
import { traitsOf } from './model-traits.js';
import { messagesOf } from './request-messages.js';
import { isForced, toolMembers } from './request-tools.js';
import { samplingMembers } from './sampling-members.js';
import { isThinking, thinkingMembers } from './thinking-members.js';

/** Hints that this wire has no word for. */
const hints = [
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'verbosity',
  'prompt_cache_key',
  'prompt_cache_retention',
  'metadata',
] as const;

/** Members that only this wire says in another way or refuses. All further ones go on as they are. */
const others = ['output_config', 'safety_identifier', 'service_tier', 'thinking', 'user', 'web_search_options'] as const;
const known = new Set<string>([...sharedMembers, ...hints, ...others]);

/** Tiers of service that both know; others are hints. */
const tiers: ReadonlyMap<unknown, string> = new Map([
  ['auto', 'auto'],
  ['default', 'standard_only'],
]);

/** A chat as a request for a message. @throws AppError as `ChatDialect.request`. */
export function requestOf(chat: Fields, asked: DialectAsked): DialectRequest {
  refuseUnsayable(chat);
  const read = readChat(chat);
  const traits = traitsOf(read.model);
  const messages = messagesOf(read.turns, asked);
  const maxTokens = read.maxTokens ?? asked.maxTokens ?? traits.maxTokens;
  const thinking = thinkingMembers(chat, { traits, maxTokens, messages, isForced: isForced(read) });
  const sampling = samplingMembers(chat, traits.takesSampling && !isThinking(thinking));
  const { format, words } = formatMembers(read.format, traits);
  const { service_tier: tier } = chat;
  const body = givenMembers({
    ...furtherOf(chat),
    model: read.model,
    max_tokens: maxTokens,
    system: systemOf(read, words),
    messages,
    ...toolMembers(read, traits),
    ...sampling.said,
    stop_sequences: stopsOf(read),
    thinking: thinking.thinking,
    output_config: configOf(chat, { effort: thinking.effort, format }),
    metadata: userOf(chat),
    service_tier: tiers.get(tier),
    stream: asked.stream ? true : undefined,
  });
  const leftOut = [
    ...hints.filter((name) => saysSomething(chat[name])),
    ...(isGiven(tier) && !tiers.has(tier) ? ['service_tier'] : []),
    ...sampling.leftOut,
    ...thinking.leftOut,
  ];
  return { path: asked.path ?? '/messages', body, leftOut };
}

function refuseUnsayable(chat: Fields): void {
  for (const name of ['logprobs', 'top_logprobs', 'web_search_options'] as const)
    if (saysSomething(chat[name]) || isFields(chat[name])) throw unsupported(name);
}

/** False for what changes nothing: absent, null, false, 0 and what is empty. */
function saysSomething(value: unknown): boolean {
  if (!isGiven(value) || value === false || value === '' || numberOf(value) === 0) return false;
  return typeof value !== 'object' || Object.keys(value as object).length > 0;
}

function furtherOf(chat: Fields): Fields {
  return Object.fromEntries(Object.entries(chat).filter(([name]) => !known.has(name)));
}

function systemOf({ instructions }: AskedChat, words: string | undefined): Fields[] | undefined {
  const blocks = [...instructions, words ?? ''].flatMap(textBlocks);
  return blocks.length === 0 ? undefined : blocks;
}

/** This wire takes no sequence of blanks alone. */
function stopsOf({ stop }: AskedChat): readonly string[] | undefined {
  if (stop.some((text) => !/\S/.test(text)))
    throw unsupported('stop', "Unsupported value: 'stop' does not support blanks alone with this model.");
  return stop.length === 0 ? undefined : stop;
}

function configOf({ output_config: own }: Fields, said: Fields): Fields | undefined {
  const config = { ...(isFields(own) ? own : {}), ...givenMembers(said) };
  return Object.keys(config).length === 0 ? undefined : config;
}

function userOf({ user, safety_identifier: safety }: Fields): Fields | undefined {
  const id = user ?? safety;
  return typeof id === 'string' && id !== '' ? { user_id: id } : undefined;
}
