import { z } from 'zod';
import { toolOutput } from '../response-content.js';
import { args, call, called, createdBy, item, name, namespace } from './item.js';

/** Calls of the client's tools, and their results. */
export const functions = [
  item('function_call', 'A call of a function.', { ...call, name, namespace, arguments: args, created_by: createdBy }),
  item('function_call_output', 'The result of a function.', {
    ...call,
    name: name.nullish(),
    namespace,
    output: toolOutput,
    created_by: createdBy,
  }),
  item('custom_tool_call', 'A call of a tool that takes text.', {
    ...called,
    name,
    namespace,
    input: z.string().describe('The text.'),
  }),
  item('custom_tool_call_output', 'The result of a tool that takes text.', { ...called, output: toolOutput }),
] as const;
