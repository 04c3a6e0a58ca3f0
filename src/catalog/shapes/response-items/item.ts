import { z } from 'zod';

export const id = z.string().nullish().describe('The id of the item. What is given without one gets one.');
export const status = z.string().nullish().describe('How far it is, such as in_progress, completed, incomplete or failed.');
export const callId = z.string().nullish().describe('By this id call and result find each other.');
export const caller = z
  .looseObject({
    type: z.string().describe('direct: the model; program: a program that it wrote.'),
    caller_id: z.string().optional().describe('Which program.'),
  })
  .meta({ id: 'ToolCaller', description: 'Who called.' })
  .nullish()
  .describe('Who called.');
export const createdBy = z.string().optional().describe('Who made it.');
export const name = z.string().describe('The name of the tool.');
export const namespace = z.string().nullish().describe('The namespace that the tool is in.');
export const server = z.string().describe('The label of the MCP server.');
export const args = z.string().describe('Its arguments, in JSON.');
export const called = { id, call_id: callId, caller };
export const call = { ...called, status };

/** An item: its type, a sentence, and what it has beside id and status. */
export function item<Type extends string, Members extends z.ZodRawShape>(type: Type, words: string, members: Members) {
  return z.looseObject({ type: z.literal(type).describe('The type of the item.'), ...members }).describe(words);
}
