import { isFields, type Fields } from '../../../../kernel/fields.js';
import { parsedOrUndefined } from '../../../../kernel/parse-json.js';
import type { OpenCall } from '../../chunks/open-calls.js';
import type { NamedTool } from './tool-names.js';

/** An item of the output that is not whole yet. */
export interface OpenItem {
  readonly place: number;
  readonly id: string;
}

/** A message while its parts come. */
export interface OpenMessage extends OpenItem {
  /** Its parts; the last one grows. */
  readonly parts: { readonly type: 'output_text' | 'refusal'; text: string; readonly logprobs: unknown[] }[];
}

/** A call of a tool while its arguments come. */
export interface OpenToolCall extends OpenItem {
  readonly call: OpenCall;
  readonly callId: string;
  readonly tool: NamedTool;
  /** How much of its arguments was told. */
  told: number;
}

/** Which item an event speaks of. */
export function itemPlace({ id, place }: OpenItem): Fields {
  return { item_id: id, output_index: place };
}

/** Which part of a message: the one that grows. */
export function partPlace(open: OpenMessage): Fields {
  return { ...itemPlace(open), content_index: open.parts.length - 1 };
}

/** Which summary of reasoning: the only one. */
export function summaryOf(open: OpenItem): Fields {
  return { ...itemPlace(open), summary_index: 0 };
}

/** A summary of reasoning as a part. */
export function summaryText(text: string): Fields {
  return { type: 'summary_text', text };
}

/** A message of the answer. */
export function messageOf(id: string, status: string, content: readonly Fields[]): Fields {
  return { id, type: 'message', role: 'assistant', status, content };
}

/** A part of a message in OpenAI's form. */
export function partOf({ type, text, logprobs }: OpenMessage['parts'][number]): Fields {
  return type === 'refusal' ? { type, refusal: text } : { type, text, annotations: [], logprobs };
}

/** A call of a tool under the name and in the form that the client gave the tool. */
export function callOf({ id, callId, tool }: OpenToolCall, input: string, status: string): Fields {
  const named = { name: tool.name, ...(tool.namespace === undefined ? {} : { namespace: tool.namespace }) };
  if (tool.isCustom === true) return { id, type: 'custom_tool_call', call_id: callId, ...named, input: customInputOf(input) };
  return { id, type: 'function_call', call_id: callId, ...named, arguments: input, status };
}

/** The arguments of a call that has none. */
export const noArguments = '{}';

/** What a call's arguments are once it is whole: none is an empty object where the function takes nothing. */
export function argumentsOf({ call: { input }, tool }: OpenToolCall): string {
  return input === '' && tool.takesNothing === true ? noArguments : input;
}

/** The text of a custom tool's call, which the model has put into the one argument of a function. */
export function customInputOf(input: string): string {
  const parsed = parsedOrUndefined(input);
  return isFields(parsed) && typeof parsed['input'] === 'string' ? parsed['input'] : input;
}
