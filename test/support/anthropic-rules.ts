import { createHash } from 'node:crypto';
import { isFields, type Fields } from '../../src/kernel/fields.js';

/** What a provider of the Messages API refuses in a request: the rules of the real one that a translation can break. */

const members = new Set([
  'model',
  'max_tokens',
  'system',
  'messages',
  'tools',
  'tool_choice',
  'stop_sequences',
  'temperature',
  'top_p',
  'top_k',
  'thinking',
  'output_config',
  'metadata',
  'service_tier',
  'stream',
]);

class Refusal extends Error {}

/** The signature under which this provider gives a thought, and without which it takes none back. */
export function signatureOf(thinking: string): string {
  return `sig-${createHash('sha256').update(thinking).digest('base64')}`;
}

/** Why the request is refused; undefined where it is taken. */
export function faultOf(body: unknown): string | undefined {
  try {
    if (!isFields(body)) throw new Refusal('the body is no object');
    checkMembers(body);
    checkMessages(body);
    checkThinking(body);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

function need(isRight: boolean, message: string): void {
  if (!isRight) throw new Refusal(message);
}

function checkMembers(body: Fields): void {
  for (const name of Object.keys(body)) need(members.has(name), `${name}: Extra inputs are not permitted`);
  const { model, max_tokens: length, temperature, stop_sequences: stops, system, tools, tool_choice: choice, metadata } = body;
  need(typeof model === 'string' && model !== '', 'model: Field required');
  need(Number.isInteger(length) && Number(length) >= 1, 'max_tokens: Field required');
  need(temperature === undefined || (Number(temperature) >= 0 && Number(temperature) <= 1), 'temperature: range: 0..1');
  need(temperature === undefined || body['top_p'] === undefined, '`temperature` and `top_p` cannot both be specified');
  for (const stop of listOf(stops)) need(isSaid(stop), 'stop_sequences: each stop sequence must contain non-whitespace');
  for (const block of listOf(system)) checkText(block as Fields, 'system');
  for (const tool of listOf(tools)) checkTool(tool as Fields);
  need(metadata === undefined || Object.keys(metadata as Fields).join() === 'user_id', 'metadata: Extra inputs');
  if (!isFields(choice)) return;
  need(listOf(tools).length > 0, 'tool_choice may only be specified while providing tools');
  need(['auto', 'any', 'tool', 'none'].includes(String(choice['type'])), 'tool_choice: unknown type');
  const names = listOf(tools).map((tool) => (tool as Fields)['name']);
  need(choice['type'] !== 'tool' || names.includes(choice['name']), 'tool_choice: tool not found in provided tools');
  need(choice['type'] !== 'none' || choice['disable_parallel_tool_use'] === undefined, 'tool_choice.none: Extra inputs');
}

function checkTool({ name, input_schema: schema, ...rest }: Fields): void {
  need(/^[\w-]{1,128}$/.test(String(name)), 'tools: name should match pattern');
  need(isFields(schema) && schema['type'] === 'object', 'tools: input_schema.type: Field required');
  for (const member of Object.keys(rest)) need(['description', 'strict'].includes(member), `tools.${member}: Extra inputs`);
}

function checkMessages({ messages, tools }: Fields): void {
  const list = listOf(messages) as Fields[];
  need(list.length > 0, 'messages: at least one message is required');
  const ids = new Set<unknown>();
  let open: unknown[] = [];
  for (const [at, { role, content, ...rest }] of list.entries()) {
    need(Object.keys(rest).length === 0, `messages.${at}: Extra inputs are not permitted`);
    need(role === (at % 2 === 0 ? 'user' : 'assistant'), 'messages: roles must alternate, the first is the user');
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : (listOf(content) as Fields[]);
    need(blocks.length > 0, `messages.${at}: all messages must have non-empty content`);
    for (const block of blocks) checkBlock(block, role === 'user', `messages.${at}.content`);
    const results = blocks.filter(({ type }) => type === 'tool_result');
    need(
      blocks.slice(0, results.length).every(({ type }) => type === 'tool_result'),
      `messages.${at}: tool_result blocks stand first`,
    );
    const answered = results.map(({ tool_use_id: id }) => id);
    for (const id of answered) need(open.includes(id), `messages.${at}: unexpected \`tool_use_id\` ${String(id)}`);
    need(new Set(answered).size === answered.length, `messages.${at}: each tool_use must have a single result`);
    need(
      open.every((id) => answered.includes(id)),
      '`tool_use` ids were found without `tool_result` blocks immediately after',
    );
    open = blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
    for (const id of open) {
      need(!ids.has(id), '`tool_use` ids must be unique');
      ids.add(id);
    }
    need(role === 'user' || !isThought(blocks.at(-1)), 'The final block in an assistant message cannot be `thinking`');
  }
  need(open.length === 0, '`tool_use` ids were found without `tool_result` blocks immediately after');
  need(ids.size === 0 || listOf(tools).length > 0, 'Requests which include `tool_use` blocks must define tools');
  const last = list.at(-1);
  const end = last?.['role'] === 'assistant' ? (listOf(last['content']).at(-1) as Fields | undefined) : undefined;
  need(!/\s$/.test(String(end?.['text'] ?? '')), 'final assistant content cannot end with trailing whitespace');
}

function checkBlock(block: Fields, isUser: boolean, place: string): void {
  const { type, source, id, name, input, content, signature, thinking, data } = block;
  const allowed = isUser ? ['text', 'image', 'document', 'tool_result'] : ['text', 'tool_use', 'thinking', 'redacted_thinking'];
  need(allowed.includes(String(type)), `${place}: unexpected type ${String(type)}`);
  if (type === 'text') checkText(block, place);
  if (type === 'image' || type === 'document') checkSource(source, type, place);
  if (type === 'tool_use') {
    need(/^[\w-]+$/.test(String(id)), `${place}: tool_use.id should match pattern`);
    need(typeof name === 'string' && isFields(input), `${place}: tool_use.input should be an object`);
  }
  if (type === 'tool_result') for (const part of listOf(content)) checkBlock(part as Fields, true, `${place}.tool_result`);
  if (type === 'thinking') {
    need(Object.keys(block).length === 3, `${place}.thinking: Extra inputs are not permitted`);
    need(signature === signatureOf(String(thinking)), `${place}: Invalid \`signature\` in \`thinking\` block`);
  }
  if (type === 'redacted_thinking') need(typeof data === 'string' && data !== '', `${place}: redacted_thinking.data: required`);
}

function checkSource(source: unknown, type: string, place: string): void {
  const { type: of, media_type: media, data, url } = isFields(source) ? source : ({} as Fields);
  if (of === 'url') return need(typeof url === 'string' && /^https?:/.test(url), `${place}: source.url`);
  if (of === 'text') return need(media === 'text/plain' && isSaid(data), `${place}: source.text`);
  const taken = type === 'image' ? /^image\/(?:jpeg|png|gif|webp)$/ : /^application\/pdf$/;
  need(of === 'base64' && taken.test(String(media)), `${place}: source.media_type`);
  need(typeof data === 'string' && /^[A-Za-z0-9+/]+=*$/.test(data), `${place}: source.data`);
}

function checkText({ type, text }: Fields, place: string): void {
  need(type === 'text' && isSaid(text), `${place}: text content blocks must contain non-whitespace text`);
}

function checkThinking(body: Fields): void {
  const { thinking, max_tokens: length, temperature, top_p: topP, tool_choice: choice, messages } = body;
  if (!isFields(thinking) || thinking['type'] === 'disabled' || thinking['type'] === 'between_tools') return;
  need(temperature === undefined && topP === undefined, '`temperature` may only be set to 1 when thinking is enabled');
  const forced = isFields(choice) && (choice['type'] === 'any' || choice['type'] === 'tool');
  need(!forced, 'Thinking may not be enabled when tool_choice forces tool use.');
  if (thinking['type'] === 'adaptive') return;
  const budget = Number(thinking['budget_tokens']);
  need(budget >= 1024, 'thinking.budget_tokens: should be greater than or equal to 1024');
  need(budget < Number(length), '`max_tokens` must be greater than `thinking.budget_tokens`');
  const list = listOf(messages) as Fields[];
  const isLoop = (listOf(list.at(-1)?.['content'])[0] as Fields | undefined)?.['type'] === 'tool_result';
  const begun = listOf(list.at(-2)?.['content'])[0] as Fields | undefined;
  need(!isLoop || isThought(begun), 'Expected `thinking` or `redacted_thinking`, but found `tool_use`.');
}

function isThought(block: Fields | undefined): boolean {
  return block?.['type'] === 'thinking' || block?.['type'] === 'redacted_thinking';
}

function isSaid(text: unknown): boolean {
  return typeof text === 'string' && /\S/.test(text);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
