import { isFields, type Fields } from '../../../../../kernel/fields.js';
import { printExact } from '../../../wire/exact-json.js';
import { callIdOfFunction } from '../../../call/function-call.js';

/** Messages as the items of an input. */
export function inputOf(messages: readonly Fields[]): Fields[] {
  const customCalls = new Set<unknown>();
  return messages.flatMap((message): Fields[] => {
    const { role, content } = message;
    if (role === 'assistant') return assistantItems(message, customCalls);
    if (role === 'tool') {
      const type = customCalls.has(message['tool_call_id']) ? 'custom_tool_call_output' : 'function_call_output';
      return [{ type, call_id: message['tool_call_id'], output: outputOf(content) }];
    }
    if (role === 'function')
      return [{ type: 'function_call_output', call_id: callIdOfFunction(String(message['name'])), output: outputOf(content) }];
    return [{ type: 'message', role, content: partsOf(content) }];
  });
}

function assistantItems(
  { content, refusal, tool_calls: calls, function_call: legacy }: Fields,
  customCalls: Set<unknown>,
): Fields[] {
  const said = saidParts(content);
  if (typeof refusal === 'string' && refusal !== '') said.push({ type: 'refusal', refusal });
  const items: Fields[] = said.length === 0 ? [] : [{ type: 'message', role: 'assistant', content: said }];
  for (const call of Array.isArray(calls) ? (calls as unknown[]).filter(isFields) : []) {
    const { id, function: told, custom } = call;
    if (isFields(custom)) {
      customCalls.add(id);
      items.push({ type: 'custom_tool_call', call_id: id, name: custom['name'], input: custom['input'] });
    } else if (isFields(told))
      items.push({ type: 'function_call', call_id: id, name: told['name'], arguments: argumentsOf(told) });
  }
  if (isFields(legacy)) {
    const { name } = legacy;
    items.push({ type: 'function_call', call_id: callIdOfFunction(String(name)), name, arguments: argumentsOf(legacy) });
  }
  return items;
}

function argumentsOf({ arguments: given }: Fields): string {
  return typeof given === 'string' ? given : printExact(given ?? {});
}

function saidParts(content: unknown): Fields[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'output_text', text: content }];
  if (!Array.isArray(content)) return [];
  return (content as unknown[]).filter(isFields).flatMap((part): Fields[] => {
    if (part['type'] === 'text') return [{ type: 'output_text', text: part['text'] }];
    return part['type'] === 'refusal' ? [part] : [];
  });
}

function outputOf(content: unknown): unknown {
  return Array.isArray(content) ? partsOf(content) : content;
}

/** What a user, a developer or a tool says: a text stays one. */
function partsOf(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  return (content as unknown[]).filter(isFields).map((part): Fields => {
    const { type, text, image_url: image, file } = part;
    if (type === 'text') return { type: 'input_text', text };
    if (type === 'image_url') {
      const { url, detail } = isFields(image) ? image : { url: image, detail: undefined };
      return { type: 'input_image', image_url: url, ...(detail === undefined ? {} : { detail }) };
    }
    return type === 'file' && isFields(file) ? { type: 'input_file', ...file } : part;
  });
}
