import { isFields, type Fields } from '../../../../kernel/fields.js';
import type { Contribution } from '../../call/contributions.js';
import { callIdOfFunction } from '../../call/function-call.js';
import { roleOf } from './chat-role.js';

/** What a message of a chat contributes to its conversation. */
export function contributionOfMessage(message: unknown): Contribution {
  switch (roleOf(message)) {
    case 'system':
    case 'developer':
      return { by: 'instructions' };
    case 'assistant':
      return { by: 'model', calls: callsOf(message as Fields) };
    case 'tool':
      return { by: 'caller', resultOf: textOf((message as Fields)['tool_call_id']) };
    case 'function':
      return { by: 'caller', resultOf: callIdOfFunction(String((message as Fields)['name'])) };
    default:
      return { by: 'caller' };
  }
}

function callsOf({ tool_calls: given, function_call: legacy }: Fields): string[] {
  const calls = Array.isArray(given) ? (given as unknown[]).filter(isFields).flatMap(({ id }) => textOf(id) ?? []) : [];
  return isFields(legacy) ? [...calls, callIdOfFunction(String(legacy['name']))] : calls;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
