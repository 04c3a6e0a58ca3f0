import { isFields, type Fields } from '../../../../kernel/fields.js';
import { invalid, unsupported } from '../../call/request-body.js';
import type { AskedChoice, AskedTool } from './asked-chat.js';

/** The tools of a chat and which of them it wants called. */
export interface AskedTools {
  readonly tools: readonly AskedTool[];
  readonly choice: AskedChoice;
  readonly isLegacy: boolean;
}

/** @throws AppError invalid_value; unsupported_parameter for a tool that runs at its provider. */
export function readTools(chat: Fields): AskedTools {
  const { tools: listed, functions, tool_choice: choice, function_call: legacyChoice } = chat;
  const isLegacy = Array.isArray(functions) && !Array.isArray(listed);
  const tools = isLegacy
    ? (functions as unknown[]).map((told, at) => functionTool(told, `functions[${at}]`))
    : given(listed, 'tools').map((tool, at) => readTool(tool, `tools[${at}]`));
  return { ...chosen(tools, (isLegacy ? legacyChoice : choice) ?? 'auto'), isLegacy };
}

function given(list: unknown, place: string): readonly unknown[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw invalid(place, 'expected an array');
  return list as unknown[];
}

function readTool(tool: unknown, place: string): AskedTool {
  if (!isFields(tool)) throw invalid(place, "expected an object with a 'type'");
  if (tool['type'] === 'custom') return customTool(tool['custom'], `${place}.custom`);
  if (tool['type'] !== 'function') throw unsupported(place);
  return functionTool(tool['function'], `${place}.function`);
}

function functionTool(told: unknown, place: string): AskedTool {
  const { name, description, parameters, strict } = named(told, place);
  return {
    name: String(name),
    ...(typeof description === 'string' ? { description } : {}),
    parameters: isFields(parameters) && Object.keys(parameters).length > 0 ? parameters : { type: 'object', properties: {} },
    strict: strict === true,
    isCustom: false,
  };
}

/** A tool that takes a text becomes a function of one text: its grammar is told in words. */
function customTool(told: unknown, place: string): AskedTool {
  const { name, description, format } = named(told, place);
  const inner = isFields(format) && isFields(format['grammar']) ? format['grammar'] : undefined;
  const grammar =
    inner === undefined ? '' : `The input must follow this grammar (${String(inner['syntax'])}):\n${String(inner['definition'])}`;
  const words = [typeof description === 'string' ? description : '', grammar].filter((text) => text !== '').join('\n\n');
  return {
    name: String(name),
    ...(words === '' ? {} : { description: words }),
    parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'], additionalProperties: false },
    strict: false,
    isCustom: true,
  };
}

function named(told: unknown, place: string): Fields {
  if (!isFields(told) || typeof told['name'] !== 'string' || told['name'] === '')
    throw invalid(place, "expected an object with a 'name'");
  return told;
}

function chosen(tools: readonly AskedTool[], choice: unknown): Omit<AskedTools, 'isLegacy'> {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { tools, choice };
  if (!isFields(choice)) throw invalid('tool_choice', "expected 'auto', 'none', 'required' or a tool");
  if (choice['type'] !== 'allowed_tools') return { tools, choice: { name: knownName(tools, choice) } };
  const allowed = isFields(choice['allowed_tools']) ? choice['allowed_tools'] : choice;
  const names = new Set(given(allowed['tools'], 'tool_choice.allowed_tools.tools').map((tool) => knownName(tools, tool)));
  return { tools: tools.filter(({ name }) => names.has(name)), choice: allowed['mode'] === 'required' ? 'required' : 'auto' };
}

function knownName(tools: readonly AskedTool[], choice: unknown): string {
  const fields = isFields(choice) ? choice : {};
  const inner = fields[String(fields['type'])];
  const name = isFields(inner) ? inner['name'] : fields['name'];
  if (!tools.some((tool) => tool.name === name)) throw invalid('tool_choice', 'it names no tool of the request');
  return String(name);
}
