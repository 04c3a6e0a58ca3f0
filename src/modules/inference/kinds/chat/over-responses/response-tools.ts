import { isFields, type Fields } from '../../../../../kernel/fields.js';

/** True for what says nothing: absent, null, false, and an empty list or object. */
export function isEmptyValue(value: unknown): boolean {
  return (
    value === undefined || value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0)
  );
}

/** The tools of a chat request, the deprecated `functions` and a search of the web too, in the form of Responses. */
export function toolsOf({ tools, functions, web_search_options: search }: Fields): Fields[] | undefined {
  const listed = Array.isArray(tools) ? (tools as unknown[]).filter(isFields).map(toolOf) : [];
  const legacy = Array.isArray(functions) ? (functions as unknown[]).filter(isFields).map(functionOf) : [];
  const all = [...listed, ...legacy, ...(isFields(search) ? [searchOf(search)] : [])];
  return all.length === 0 ? undefined : all;
}

/** `tool_choice`, or the deprecated `function_call`, in the form of Responses. */
export function choiceOf({ tool_choice: choice, function_call: legacy }: Fields): unknown {
  if (isFields(choice)) {
    const { type, allowed_tools: allowed } = choice;
    if (type !== 'allowed_tools' || !isFields(allowed)) return namedOf(choice);
    const tools = Array.isArray(allowed['tools']) ? (allowed['tools'] as unknown[]).filter(isFields).map(namedOf) : [];
    return { type, mode: allowed['mode'], tools };
  }
  if (choice !== undefined && choice !== null) return choice;
  return isFields(legacy) ? { type: 'function', name: legacy['name'] } : (legacy ?? undefined);
}

function toolOf(tool: Fields): Fields {
  const { type, function: told, custom } = tool;
  if (type === 'custom' && isFields(custom)) {
    const { format, ...rest } = custom;
    return { type, ...rest, ...(format === undefined ? {} : { format: grammarOf(format) }) };
  }
  return type === 'function' && isFields(told) ? functionOf(told) : tool;
}

/** Responses takes a function for a strict one where nothing is said, chat for one that is not. */
function functionOf({ strict, ...told }: Fields): Fields {
  return { type: 'function', ...told, strict: strict ?? false };
}

/** Chat asks for a search by options, and has the place of the user one level deeper. */
function searchOf({ user_location: place, ...options }: Fields): Fields {
  const told = isFields(place) && isFields(place['approximate']) ? { type: place['type'], ...place['approximate'] } : place;
  return { type: 'web_search', ...options, ...(isFields(told) ? { user_location: told } : {}) };
}

function grammarOf(format: unknown): unknown {
  return isFields(format) && isFields(format['grammar']) ? { type: format['type'], ...format['grammar'] } : format;
}

function namedOf(choice: Fields): Fields {
  const { type } = choice;
  const inner = choice[String(type)];
  return isFields(inner) ? { type, name: inner['name'] } : choice;
}
