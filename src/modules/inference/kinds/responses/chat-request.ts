import { AppError } from '../../../../kernel/app-error.js';
import { givenMembers, isFields, type Fields } from '../../../../kernel/fields.js';
import type { Steps } from '../../../../kernel/steps.js';
import type { StoredItem } from '../../../conversations/conversation-record.js';
import { messagesInSteps } from '../chat/items-to-chat.js';
import { allowedTools, chatChoiceOf, chatNameOf, chatToolsOf, type ChatTools } from './tool-names.js';

/** Members of a request for a response that chat has under the same name. */
const same = [
  'temperature',
  'top_p',
  'top_logprobs',
  'parallel_tool_calls',
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'user',
  'stream',
] as const;

/** Members that are said in another way in chat, or that only the platform needs. */
const others = new Set([
  'background',
  'client_metadata',
  'context_management',
  'conversation',
  'generate',
  'include',
  'input',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'model',
  'previous_response_id',
  'prompt',
  'reasoning',
  'store',
  'stream_options',
  'text',
  'tool_choice',
  'tools',
  'truncation',
  ...same,
]);

/** A request for a response in the form of chat. */
export interface ChatRequest {
  readonly body: Fields;
  readonly tools: ChatTools;
}

export interface Told {
  readonly model: string;
  readonly instructions: string | undefined;
  /** The role of the instructions, and of messages of a developer. */
  readonly role: 'system' | 'developer';
  readonly context: string | undefined;
  /** All that was said, in the platform's form of items. */
  readonly items: readonly StoredItem[];
  /** Tools that items bring along. */
  readonly brought: readonly Fields[];
  /** The connection that they are sent to. */
  readonly connection: string;
}

/**
 * What a chat provider is asked for a response, made in steps.
 * @param members the request's members, their numbers as they were written; those of `tools` are the ones that go on.
 * @throws AppError invalid_value for an output of a tool that nobody called; unsupported_parameter.
 */
export function* chatRequestOf(members: Fields, told: Told): Steps<ChatRequest> {
  const own = Array.isArray(members['tools']) ? (members['tools'] as Fields[]) : [];
  const tools = chatToolsOf([...own, ...told.brought]);
  const choice = chatChoiceOf(members['tool_choice'] ?? undefined, tools);
  const offered = allowedTools(members['tool_choice'], tools);
  const unknown = Object.entries(members).filter(([name]) => !others.has(name));
  const { text, reasoning, include } = members;
  const format = isFields(text) ? text['format'] : undefined;
  const asksLogprobs = Array.isArray(include) && include.includes('message.output_text.logprobs');
  const body: Fields = {
    ...Object.fromEntries(unknown),
    ...Object.fromEntries(same.map((name) => [name, members[name]])),
    model: told.model,
    messages: yield* messagesOf(told, tools),
    tools: offered.length === 0 ? undefined : offered,
    tool_choice: offered.length === 0 ? undefined : choice,
    parallel_tool_calls: offered.length === 0 ? undefined : members['parallel_tool_calls'],
    response_format: formatOf(format),
    verbosity: isFields(text) ? text['verbosity'] : undefined,
    reasoning_effort: isFields(reasoning) ? reasoning['effort'] : undefined,
    max_completion_tokens: members['max_output_tokens'],
    logprobs: asksLogprobs || isAbove(members['top_logprobs']) ? true : undefined,
    stream_options: members['stream'] === true ? { include_usage: true } : undefined,
  };
  return { body: givenMembers(body), tools };
}

function* messagesOf({ instructions, role, context, items, connection }: Told, { names }: ChatTools): Steps<Fields[]> {
  refuseUncalled(items);
  yield;
  const said = items.map((item) => renamed(asChatRole(item, role), names));
  yield;
  return [
    ...[instructions, context].flatMap((text) => (text === undefined || text === '' ? [] : [{ role, content: text }])),
    ...(yield* messagesInSteps(said, new Set(), connection)),
  ];
}

/** Chat providers know messages of a developer only where the agent's instructions are such. */
function asChatRole(item: StoredItem, role: string): StoredItem {
  return item['role'] === 'developer' ? { ...item, role } : item;
}

/** A call of a custom tool, or of one in a namespace, as the function that it was for the provider. */
function renamed(item: StoredItem, names: ChatTools['names']): StoredItem {
  if (item.type === 'function_call') {
    const name = chatNameOf(item, names);
    return name === undefined || name === item['name'] ? item : { ...item, name };
  }
  if (item.type === 'custom_tool_call') {
    const name = chatNameOf(item, names) ?? item['name'];
    return { ...item, type: 'function_call', name, arguments: JSON.stringify({ input: item['input'] }) };
  }
  return item.type === 'custom_tool_call_output' ? { ...item, type: 'function_call_output' } : item;
}

function refuseUncalled(items: readonly StoredItem[]): void {
  const called = new Set<unknown>();
  for (const item of items) {
    if (item.type === 'function_call' || item.type === 'custom_tool_call') called.add(item['call_id']);
    const isOutput = item.type === 'function_call_output' || item.type === 'custom_tool_call_output';
    if (!isOutput || called.has(item['call_id'])) continue;
    const message = `No tool call found for the output with call_id '${String(item['call_id']).slice(0, 128)}'.`;
    throw new AppError('invalid_value', { param: 'input', message });
  }
}

function formatOf(format: unknown): Fields | undefined {
  if (!isFields(format) || format['type'] === 'text') return undefined;
  if (format['type'] !== 'json_schema') return { type: format['type'] };
  const { type, ...schema } = format;
  return { type, json_schema: schema };
}

function isAbove(count: unknown): boolean {
  return typeof count === 'number' && count > 0;
}
