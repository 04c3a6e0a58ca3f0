import { isFields, type Fields } from '../../../kernel/fields.js';
import type { ToolCall } from '../../kept-thoughts/tool-call.js';
import type { ChatDialect } from '../dialects/dialect.js';
import { printExact } from '../wire/exact-json.js';
import { toldTool } from './told-tool.js';

/** So many calls of one request are looked at. */
const mostCalls = 512;

/**
 * The calls of tools in a chat whose messages do not bring what the provider wants back with them, those of the newest
 * message first. What is no call of a tool is left to the dialect, which refuses it.
 */
export function unsignedCalls({ messages }: Fields, dialect: Pick<ChatDialect, 'isSigned'>): readonly ToolCall[] {
  const calls: ToolCall[] = [];
  for (const message of Array.isArray(messages) ? (messages as unknown[]).toReversed() : []) {
    if (calls.length >= mostCalls) break;
    if (!isFields(message) || message['role'] !== 'assistant' || dialect.isSigned(message)) continue;
    const { tool_calls: listed } = message;
    for (const call of Array.isArray(listed) ? (listed as unknown[]) : []) {
      const read = isFields(call) ? callOf(call) : undefined;
      if (read !== undefined) calls.push(read);
    }
  }
  return calls.slice(0, mostCalls);
}

function callOf(call: Fields): ToolCall | undefined {
  const { id } = call;
  const { name, input } = toldTool(call);
  if (typeof id !== 'string' || typeof name !== 'string') return undefined;
  return { id, name, input: typeof input === 'string' ? input : printExact(input ?? {}) };
}
