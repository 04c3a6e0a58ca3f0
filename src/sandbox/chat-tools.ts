import { badRequest, missingParameter, wrongType } from './errors.js';
import type { Commands } from './commands.js';
import { isObject, readBoolean, type JsonObject } from './request-fields.js';
import { minimalInstance } from './schema-instance.js';

/** A tool that the request offers: a function with a schema, or a custom tool that takes free text. */
export interface OfferedTool {
  readonly kind: 'function' | 'custom';
  readonly name: string;
  /** The namespace that holds the tool; only tools of the Responses API have one. */
  readonly namespace?: string | undefined;
  readonly parameters: unknown;
}

/** What the request says about tools. */
export interface ToolWish {
  readonly offered: readonly OfferedTool[];
  readonly choice: 'auto' | 'none' | 'required';
  /** The tool that the request demands by name. */
  readonly named: string | undefined;
  readonly parallel: boolean;
  /** The tools as text, for counting their tokens. */
  readonly text: string;
}

/** A call that the sandbox makes; `input` is JSON for a function and free text for a custom tool. */
export interface ToolCall {
  readonly id: string;
  readonly kind: 'function' | 'custom';
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly input: string;
}

/** What a request without tools says. */
export const noTools: ToolWish = { offered: [], choice: 'none', named: undefined, parallel: true, text: '' };

/**
 * Reads `tools`, `tool_choice` and `parallel_tool_calls`.
 * @throws SandboxError 400 for malformed tools or a choice that is not among them.
 */
export function readTools(body: JsonObject): ToolWish {
  const tools = body['tools'] ?? undefined;
  const choice = body['tool_choice'] ?? undefined;
  if (tools === undefined && (choice === undefined || choice === 'none')) return noTools;
  if (tools === undefined)
    throw badRequest(
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
      'tool_choice',
      null,
    );
  if (!Array.isArray(tools)) throw wrongType('tools', 'an array of objects', tools);
  const offered = tools.map(readTool);
  const parallel = readBoolean(body, 'parallel_tool_calls', true);
  return { offered, parallel, ...readChoice(choice, offered), text: JSON.stringify(tools) };
}

/**
 * The calls that the answer consists of; empty when it is to be text.
 * Called are the tool that the choice or `[[tool:name]]` names, else the first; with `[[tools:N]]` N of them in turn.
 */
export function plannedCalls(wish: ToolWish, commands: Commands, newId: (prefix: string) => string): readonly ToolCall[] {
  const asked = commands.has('tool') || commands.has('tools') || wish.choice === 'required';
  if (!asked || wish.choice === 'none' || wish.offered.length === 0) return [];
  const name = wish.named ?? (commands.text('tool') || undefined);
  const first = name === undefined ? 0 : wish.offered.findIndex((tool) => tool.name === name);
  if (first < 0) throw badRequest(`The sandbox was told to call the tool '${name}', which the request does not offer.`, 'tools');
  const count = wish.parallel ? (commands.number('tools') ?? 1) : 1;
  const calls: ToolCall[] = [];
  for (let index = 0; index < count; index += 1) {
    const tool = wish.offered[(first + index) % wish.offered.length];
    if (tool === undefined) continue;
    const { kind, name: called, namespace } = tool;
    calls.push({ id: newId('call_'), kind, name: called, namespace, input: inputFor(tool) });
  }
  return calls;
}

function inputFor(tool: OfferedTool): string {
  return tool.kind === 'custom' ? 'sandbox input' : JSON.stringify(minimalInstance(tool.parameters) ?? {});
}

function readTool(tool: unknown, index: number): OfferedTool {
  const at = `tools[${index}]`;
  if (!isObject(tool)) throw wrongType(at, 'an object', tool);
  const kind = tool['type'];
  if (kind === undefined) throw missingParameter(`${at}.type`);
  if (kind !== 'function' && kind !== 'custom')
    throw badRequest(`Invalid value for '${at}.type'. Supported values are: 'function' and 'custom'.`, `${at}.type`);
  const inner = tool[kind];
  if (!isObject(inner))
    throw inner === undefined ? missingParameter(`${at}.${kind}`) : wrongType(`${at}.${kind}`, 'an object', inner);
  const { name } = inner;
  if (typeof name !== 'string')
    throw name === undefined ? missingParameter(`${at}.${kind}.name`) : wrongType(`${at}.${kind}.name`, 'a string', name);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw badRequest(`Invalid '${at}.${kind}.name': string does not match pattern '^[a-zA-Z0-9_-]+$'.`, `${at}.${kind}.name`);
  }
  return { kind, name, parameters: inner['parameters'] ?? { type: 'object', properties: {} } };
}

function readChoice(choice: unknown, offered: readonly OfferedTool[]): Pick<ToolWish, 'choice' | 'named'> {
  if (choice === undefined || choice === 'auto') return { choice: 'auto', named: undefined };
  if (choice === 'none' || choice === 'required') return { choice, named: undefined };
  if (!isObject(choice))
    throw badRequest("Invalid value for 'tool_choice'. Supported values are: 'none', 'auto', and 'required'.", 'tool_choice');
  if (choice['type'] === 'allowed_tools') return allowedTools(choice['allowed_tools']);
  const kind = choice['type'] === 'custom' ? 'custom' : 'function';
  const inner = choice[kind];
  const name = isObject(inner) ? inner['name'] : undefined;
  if (typeof name !== 'string') throw missingParameter(`tool_choice.${kind}.name`);
  if (!offered.some((tool) => tool.name === name)) {
    throw badRequest(
      `Invalid value for 'tool_choice': no tool named '${name.slice(0, 64)}' was specified in the 'tools' parameter.`,
      'tool_choice',
      null,
    );
  }
  return { choice: 'required', named: name };
}

function allowedTools(allowed: unknown): Pick<ToolWish, 'choice' | 'named'> {
  const mode = isObject(allowed) ? allowed['mode'] : undefined;
  return { choice: mode === 'required' ? 'required' : 'auto', named: undefined };
}
