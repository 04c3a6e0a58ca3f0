import { AppError } from '../../../../kernel/app-error.js';
import { isFields, type Fields } from '../../../../kernel/fields.js';
import { invalid } from '../../call/request-body.js';

/** Tools that a provider runs itself, by their types; a version may stand behind a type (`web_search_preview_2025_03_11`). */
export const hostedTools = ['web_search', 'file_search', 'code_interpreter', 'image_generation', 'mcp'] as const;

export type HostedTool = (typeof hostedTools)[number];

/** Members of a tool that hold an address or a credential. */
const reaching = ['server_url', 'connector_id', 'authorization', 'headers'];

/** The tools of a request: those that go on, and the types of those that are left out. */
export interface OfferedTools {
  /** Undefined where all go on. */
  readonly kept: readonly Fields[] | undefined;
  readonly leftOut: readonly string[];
}

/**
 * Leaves out the hosted tools that the agent does not allow: clients name them by habit, and refusing the call would break
 * them. A call that depends on one is refused.
 * @param tools the value of `tools`.
 * @param choice the value of `tool_choice`.
 * @throws AppError unsupported_parameter for a tool that reaches an address or holds a credential, and where `tool_choice` asks
 * for a tool that is left out; invalid_value for what is no list of tools.
 */
export function offeredTools(tools: unknown, choice: unknown, allowed: readonly HostedTool[]): OfferedTools {
  if (tools === undefined) return { kept: undefined, leftOut: [] };
  if (!Array.isArray(tools)) throw invalid('tools', 'expected an array');
  const kept: Fields[] = [];
  const leftOut: string[] = [];
  (tools as unknown[]).forEach((tool, at) => {
    if (!isFields(tool) || typeof tool['type'] !== 'string') throw invalid(`tools[${at}]`, "expected an object with a 'type'");
    const { type } = tool;
    const hosted = hostedTools.find((name) => type === name || type.startsWith(`${name}_`));
    const isAllowed = hosted !== undefined && allowed.includes(hosted);
    if (!isAllowed && (hosted === 'mcp' || reaching.some((name) => tool[name] !== undefined && tool[name] !== null)))
      throw unsupported(`tools[${at}]`, `Unsupported tool: '${type}' is not allowed for this model.`);
    if (hosted === undefined || isAllowed) kept.push(tool);
    else leftOut.push(type);
  });
  refuseChoice(choice, leftOut);
  return { kept: leftOut.length === 0 ? undefined : kept, leftOut };
}

/** A choice that names a tool that is left out, alone or in a list of which nothing is left. */
function refuseChoice(choice: unknown, leftOut: readonly string[]): void {
  if (leftOut.length === 0 || !isFields(choice)) return;
  const isLeftOut = (type: unknown): boolean => typeof type === 'string' && leftOut.includes(type);
  const names: unknown[] =
    choice['type'] === 'allowed_tools' && Array.isArray(choice['tools'])
      ? (choice['tools'] as unknown[]).map((tool) => (isFields(tool) ? tool['type'] : undefined))
      : [choice['type']];
  if (names.length > 0 && names.every(isLeftOut))
    throw unsupported('tool_choice', `The tool '${String(names[0])}' is not available with this model.`);
}

function unsupported(param: string, message: string): AppError {
  return new AppError('unsupported_parameter', { param, message });
}
