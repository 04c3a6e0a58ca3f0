import type { AppError } from '../../../../kernel/app-error.js';
import { givenMembers, isFields, type Fields } from '../../../../kernel/fields.js';
import { invalid, unsupported } from '../../call/request-body.js';
import { takesNothing } from '../tools/takes-nothing.js';

/** Names of functions may be so long at OpenAI and at most providers. */
const longestName = 64;

/** What a function of the chat request stands for. */
export interface NamedTool {
  readonly name: string;
  readonly namespace?: string;
  /** Its call is a `custom_tool_call`: one text, no JSON. */
  readonly isCustom?: true;
  /** It has no parameters. */
  readonly takesNothing?: boolean;
}

/** The tools of a request for a response in the form of chat, and the way back. */
export interface ChatTools {
  readonly tools: readonly Fields[];
  /** By the names that the chat provider knows. */
  readonly names: ReadonlyMap<string, NamedTool>;
  /** Types of tools that chat has no form for. */
  readonly leftOut: readonly string[];
}

/**
 * Functions as chat has them; those of a namespace under both names together; a custom tool as a function of one text. What
 * else there is has no form in chat and is left out. Of tools with one name the first counts.
 */
export function chatToolsOf(tools: readonly Fields[]): ChatTools {
  const names = new Map<string, NamedTool>();
  const told = new Set<string>();
  const leftOut: string[] = [];
  const formOf = (tool: Fields, param: string, namespace?: string): Fields[] => {
    const name = textOf(tool['name'], param);
    const id = JSON.stringify([namespace, name]);
    if (told.has(id)) return [];
    told.add(id);
    const named = namespace === undefined ? { name } : { name, namespace };
    return [
      tool['type'] === 'custom'
        ? customOf(tool, addName(names, { ...named, isCustom: true }))
        : functionOf(tool, addName(names, { ...named, takesNothing: takesNothing(tool) })),
    ];
  };
  const chat = tools.flatMap((tool, at): Fields[] => {
    const { type, name } = tool;
    if (type === 'function' || type === 'custom') return formOf(tool, `tools[${at}].name`);
    if (type === 'namespace' && Array.isArray(tool['tools'])) {
      const namespace = textOf(name, `tools[${at}].name`);
      return (tool['tools'] as unknown[]).filter(isFields).flatMap((inner) => formOf(inner, `tools[${at}].tools`, namespace));
    }
    leftOut.push(String(type));
    return [];
  });
  return { tools: chat, names, leftOut };
}

/**
 * `tool_choice` in the form of chat; undefined where it says nothing.
 * @throws AppError unsupported_parameter where it asks for a tool that chat has no form for; invalid_value where it asks for a
 * call and there are no tools.
 */
export function chatChoiceOf(choice: unknown, { names, leftOut }: ChatTools): unknown {
  if (choice === undefined || typeof choice === 'string') {
    if (choice !== 'required' || names.size > 0) return choice;
    if (leftOut.length > 0) throw unavailable('required');
    throw invalid('tool_choice', "'required' needs tools");
  }
  if (!isFields(choice)) throw invalid('tool_choice', 'expected a string or an object');
  if (choice['type'] === 'allowed_tools') return choice['mode'] === 'required' ? 'required' : 'auto';
  const known = chatNameOf(choice, names);
  if (known === undefined) throw unavailable(choice['name'] ?? choice['type']);
  return { type: 'function', function: { name: known } };
}

/** Those of the tools that `tool_choice` allows. @throws AppError unsupported_parameter where none of them is there. */
export function allowedTools(choice: unknown, tools: ChatTools): readonly Fields[] {
  if (!isFields(choice) || choice['type'] !== 'allowed_tools' || !Array.isArray(choice['tools'])) return tools.tools;
  const named = (choice['tools'] as unknown[]).filter(isFields);
  const allowed = new Set(named.map((tool) => chatNameOf(tool, tools.names)));
  const left = tools.tools.filter(({ function: told }) => allowed.has((told as { name: string }).name));
  const [first] = named;
  if (left.length === 0 && first !== undefined) throw unavailable(first['name'] ?? first['type']);
  return left;
}

function unavailable(tool: unknown): AppError {
  return unsupported('tool_choice', `The tool '${String(tool).slice(0, 64)}' is not available with this model.`);
}

/**
 * The name that a chat provider knows a called tool by. Where no namespace is said, the tool outside of all is meant; where
 * there is none of its name, the first one of any, since clients drop what they do not know.
 */
export function chatNameOf({ name, namespace }: Fields, names: ReadonlyMap<string, NamedTool>): string | undefined {
  let other: string | undefined;
  for (const [chatName, tool] of names) {
    if (tool.name !== name) continue;
    if (tool.namespace === (typeof namespace === 'string' ? namespace : undefined)) return chatName;
    if (typeof namespace !== 'string') other ??= chatName;
  }
  return other;
}

function addName(names: Map<string, NamedTool>, tool: NamedTool): string {
  const whole = tool.namespace === undefined ? tool.name : `${tool.namespace}__${tool.name}`;
  let name = whole.slice(0, longestName);
  for (let further = 2; names.has(name); further += 1) name = `${whole.slice(0, longestName - 4)}_${further}`;
  names.set(name, tool);
  return name;
}

function functionOf({ description, parameters, strict }: Fields, name: string): Fields {
  const told = { name, description, parameters, strict };
  return { type: 'function', function: givenMembers(told) };
}

function customOf({ description, format }: Fields, name: string): Fields {
  const grammar =
    isFields(format) && format['type'] === 'grammar'
      ? `\n\nThe input must follow this ${String(format['syntax'])} grammar:\n${String(format['definition'])}`
      : '';
  const parameters = {
    type: 'object',
    properties: { input: { type: 'string', description: 'The input of the tool, as free text.' } },
    required: ['input'],
    additionalProperties: false,
  };
  return {
    type: 'function',
    function: { name, description: `${typeof description === 'string' ? description : ''}${grammar}`, parameters },
  };
}

function textOf(name: unknown, param: string): string {
  if (typeof name !== 'string' || name === '') throw invalid(param, 'expected a name');
  return name;
}
