import type { Part, Recorded, Said } from '../fixtures/conversations/form.js';
import type { Fields } from '../../src/kernel/fields.js';

/** The request of a chat that goes on with a recorded conversation. */
export function chatOf({ tools = [], wants = {} }: Recorded, messages: readonly Fields[], stream: boolean): Fields {
  const offered = tools.map(({ name, isCustom }) =>
    isCustom === true ? { type: 'custom', custom: { name } } : { type: 'function', function: { name } },
  );
  const { schema, effort, limit } = wants;
  return {
    model: 'm',
    messages,
    stream,
    ...(offered.length === 0 ? {} : { tools: offered }),
    ...(schema === undefined ? {} : { response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } }),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...(limit === undefined ? {} : { max_completion_tokens: limit }),
  };
}

/** What the client says, as a message of a chat. */
export function messageOf(said: Said): Fields {
  if ('system' in said) return { role: 'system', content: said.system };
  if ('resultOf' in said) return { role: 'tool', tool_call_id: said.resultOf, content: said.output };
  return { role: 'user', content: typeof said.user === 'string' ? said.user : said.user.map(partOf) };
}

function partOf(part: Part): Fields {
  if ('text' in part) return { type: 'text', text: part.text };
  if ('file' in part) return { type: 'file', file: { file_data: part.file, filename: part.name } };
  return { type: 'image_url', image_url: { url: part.image } };
}
