import { isFields, type Fields } from '../../../kernel/fields.js';

/** A choice for a client that asked with the deprecated `functions`: it knows one call, and no list of them. */
export function legacyChoice(choice: Fields): Fields {
  const { delta, message, finish_reason: reason } = choice;
  return {
    ...choice,
    ...(isFields(delta) ? { delta: withFunctionCall(delta) } : {}),
    ...(isFields(message) ? { message: withFunctionCall(message) } : {}),
    finish_reason: reason === 'tool_calls' ? 'function_call' : reason,
  };
}

function withFunctionCall({ tool_calls: calls, ...said }: Fields): Fields {
  if (!Array.isArray(calls)) return said;
  const first = (calls as unknown[]).filter(isFields).find(({ index }) => index === undefined || index === 0);
  return first === undefined ? said : { ...said, function_call: first['function'] };
}
