import type { Fields } from '../../../../kernel/fields.js';
import type { AskedCall, AskedChat, AskedTool } from '../asked/asked-chat.js';
import type { ModelTraits } from './model-traits.js';

/**
 * The members `tools` and `tool_choice`. A chat that has calls in it but offers no tool is given those that were called, and
 * none may be called again: this wire takes no call of a tool that is not there.
 */
export function toolMembers(chat: AskedChat, { bindsSchemas }: ModelTraits): Fields {
  const { tools, choice, parallel, isLegacy } = chat;
  if (tools.length === 0) {
    const called = calledNames(chat);
    if (called.length === 0) return {};
    return { tools: called.map((name) => ({ name, input_schema: { type: 'object' } })), tool_choice: { type: 'none' } };
  }
  return {
    tools: tools.map((tool) => toolOf(tool, bindsSchemas)),
    // A client of the deprecated functions knows one call.
    tool_choice: choiceOf(choice, parallel && !isLegacy),
  };
}

/** True where the model has to call a tool. */
export function isForced({ tools, choice }: AskedChat): boolean {
  return tools.length > 0 && choice !== 'auto' && choice !== 'none';
}

function toolOf({ name, description, parameters, strict }: AskedTool, bindsSchemas: boolean): Fields {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    input_schema: { type: 'object', ...parameters },
    ...(strict && bindsSchemas ? { strict } : {}),
  };
}

function choiceOf(choice: AskedChat['choice'], parallel: boolean): Fields {
  if (choice === 'none') return { type: 'none' };
  const one = parallel ? {} : { disable_parallel_tool_use: true };
  if (choice === 'auto') return { type: 'auto', ...one };
  return choice === 'required' ? { type: 'any', ...one } : { type: 'tool', name: choice.name, ...one };
}

function calledNames({ turns }: AskedChat): string[] {
  const calls = turns.flatMap(({ parts }) => parts.filter((part): part is AskedCall => part.is === 'call'));
  return [...new Set(calls.map(({ name }) => name))];
}
