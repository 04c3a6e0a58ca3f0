import type { ChatMessage } from '../chat-messages.js';
import { badRequest } from '../errors.js';

/**
 * Refuses a tool's output whose call does not stand before it, and a call whose output does not follow, as OpenAI does: so
 * that a platform in front which loses one of the two is found out.
 * @throws SandboxError 400 naming the call.
 */
export function checkCalls(messages: readonly ChatMessage[]): void {
  const open = new Set<string>();
  const seen = new Set<string>();
  for (const { received } of messages) {
    const { type, call_id: id } = received;
    if (typeof id !== 'string') continue;
    if (type === 'function_call' || type === 'custom_tool_call') {
      seen.add(id);
      open.add(id);
    } else if (type === 'function_call_output' || type === 'custom_tool_call_output') {
      if (!seen.has(id)) throw unpaired(`No tool call found for function call output with call_id ${id.slice(0, 100)}.`);
      open.delete(id);
    }
  }
  const [left] = open;
  if (left !== undefined) throw unpaired(`No tool output found for function call ${left.slice(0, 100)}.`);
}

function unpaired(message: string): Error {
  return badRequest(message, 'input', null);
}
