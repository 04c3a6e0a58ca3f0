import { noTools, type OfferedTool, type ToolWish } from '../chat-tools.js';
import { badRequest, missingParameter, wrongType } from '../errors.js';
import { isObject, readBoolean, type JsonObject } from '../request-fields.js';
import { stringIn } from './response-parts.js';

/**
 * Reads `tools`, `tool_choice` and `parallel_tool_calls` in the form of the Responses API. Tools that the provider itself
 * would run (`web_search`, `file_search`, …) are accepted and never called.
 * @throws SandboxError 400 for malformed tools or a choice that is not among them.
 */
export function readResponseTools(body: JsonObject): ToolWish {
  const tools = body['tools'] ?? [];
  if (!Array.isArray(tools)) throw wrongType('tools', 'an array of objects', tools);
  const parallel = readBoolean(body, 'parallel_tool_calls', true);
  const offered = tools.flatMap((tool: unknown, index) => readTool(tool, `tools[${index}]`, undefined));
  if (tools.length === 0 && isNothing(body['tool_choice'])) return { ...noTools, parallel };
  return { parallel, text: JSON.stringify(tools), ...readChoice(body['tool_choice'] ?? 'auto', offered) };
}

function isNothing(choice: unknown): boolean {
  return choice === undefined || choice === null || choice === 'none' || choice === 'auto';
}

function readTool(tool: unknown, at: string, namespace: string | undefined): readonly OfferedTool[] {
  if (!isObject(tool)) throw wrongType(at, 'an object', tool);
  const kind = stringIn(tool, 'type', at);
  if (kind === 'namespace') {
    const inner = tool['tools'] ?? [];
    if (!Array.isArray(inner)) throw wrongType(`${at}.tools`, 'an array of objects', inner);
    const name = stringIn(tool, 'name', at);
    return inner.flatMap((entry: unknown, index) => readTool(entry, `${at}.tools[${index}]`, name));
  }
  if (kind !== 'function' && kind !== 'custom') return [];
  const name = stringIn(tool, 'name', at);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw badRequest(`Invalid '${at}.name': string does not match pattern '^[a-zA-Z0-9_-]+$'.`, `${at}.name`);
  return [{ kind, name, namespace, parameters: tool['parameters'] ?? { type: 'object', properties: {} } }];
}

type Choice = Pick<ToolWish, 'offered' | 'choice' | 'named'>;

function readChoice(choice: unknown, offered: readonly OfferedTool[]): Choice {
  if (choice === 'auto' || choice === 'none') return { offered, choice, named: undefined };
  if (choice === 'required') {
    if (offered.length > 0) return { offered, choice, named: undefined };
    throw badRequest("Tool choice 'required' must be specified with 'tools' parameter.", 'tool_choice', null);
  }
  if (!isObject(choice))
    throw badRequest("Invalid value for 'tool_choice'. Supported values are: 'none', 'auto', and 'required'.", 'tool_choice');
  const { type } = choice;
  if (type === 'allowed_tools') return allowedTools(choice, offered);
  if (type !== 'function' && type !== 'custom') return { offered, choice: 'auto', named: undefined };
  const { name } = choice;
  if (typeof name !== 'string') throw missingParameter('tool_choice.name');
  if (offered.some((tool) => tool.name === name)) return { offered, choice: 'required', named: name };
  throw badRequest(`Tool choice '${name.slice(0, 64)}' not found in 'tools' parameter.`, 'tool_choice', null);
}

function allowedTools(choice: JsonObject, offered: readonly OfferedTool[]): Choice {
  const { tools = [], mode } = choice;
  if (!Array.isArray(tools)) throw wrongType('tool_choice.tools', 'an array of objects', tools);
  const names = new Set(tools.map((tool: unknown) => (isObject(tool) ? tool['name'] : undefined)));
  const allowed = offered.filter((tool) => names.has(tool.name));
  return { offered: allowed, choice: mode === 'required' ? 'required' : 'auto', named: undefined };
}
