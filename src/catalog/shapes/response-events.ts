import { z } from 'zod';
import { count } from './common.js';
import { outputPart, responseAnnotation, responseLogprobs, summaryText } from './response-content.js';
import { responseItem } from './response-items.js';
import { responseObject } from './response-object.js';

const number = { sequence_number: count.describe('The number of the event, from 0 on.') };
const place = {
  output_index: count.describe('The number of the item, from 0 on.'),
  item_id: z.string().describe('The item.'),
  ...number,
};
const content = { ...place, content_index: count.describe('The number of the part, from 0 on.') };
const summary = { ...place, summary_index: count.describe('The number of the part, from 0 on.') };
const command = {
  output_index: count.describe('The number of the item.'),
  command_index: count.describe('The number of the command.'),
  ...number,
};
const delta = z.string().describe('The next piece.');
const piece = { delta, obfuscation: z.string().optional().describe('Padding.') };

function event<Type extends string, Members extends z.ZodRawShape>(type: Type | readonly [Type, ...Type[]], members: Members) {
  return z.looseObject({ type: z.enum([type].flat() as [Type]), ...members });
}

const life = event(
  ['response.created', 'response.queued', 'response.in_progress', 'response.completed', 'response.incomplete', 'response.failed'],
  { response: responseObject, ...number },
).describe('How far the response is.');

const items = event(['response.output_item.added', 'response.output_item.done'], {
  output_index: count.describe('The number of the item, from 0 on.'),
  item: responseItem,
  ...number,
}).describe('An item begins, or is complete.');

const parts = event(['response.content_part.added', 'response.content_part.done'], { part: outputPart, ...content }).describe(
  'A part of an item begins, or is complete.',
);

const logprobs = responseLogprobs.optional();

const texts = [
  event('response.output_text.delta', { ...piece, logprobs, ...content }),
  event('response.output_text.done', { text: z.string().describe('The whole text.'), logprobs, ...content }),
  event('response.output_text.annotation.added', {
    annotation: responseAnnotation.nullish(),
    annotation_index: count.describe('The number of the annotation.'),
    ...content,
  }),
  event('response.refusal.delta', { ...piece, ...content }),
  event('response.refusal.done', { refusal: z.string().describe('The whole refusal.'), ...content }),
] as const;

const thoughts = [
  event('response.reasoning_text.delta', { ...piece, ...content }),
  event('response.reasoning_text.done', { text: z.string().describe('The whole text.'), ...content }),
  event(['response.reasoning_summary_part.added', 'response.reasoning_summary_part.done'], {
    part: summaryText,
    status: z.string().optional().describe('incomplete where it was cut off.'),
    ...summary,
  }),
  event('response.reasoning_summary_text.delta', { ...piece, ...summary }),
  event('response.reasoning_summary_text.done', { text: z.string().describe('The whole text.'), ...summary }),
] as const;

const calls = [
  event(
    [
      'response.function_call_arguments.delta',
      'response.mcp_call_arguments.delta',
      'response.custom_tool_call_input.delta',
      'response.code_interpreter_call_code.delta',
    ],
    { ...piece, ...place },
  ).describe('The next piece of what is given to a tool.'),
  event(['response.function_call_arguments.done', 'response.mcp_call_arguments.done'], {
    arguments: z.string().describe('All arguments, in JSON.'),
    name: z.string().optional().describe('Of a function: its name.'),
    ...place,
  }),
  event('response.custom_tool_call_input.done', { input: z.string().describe('The whole text.'), ...place }),
  event('response.code_interpreter_call_code.done', { code: z.string().describe('The whole program.'), ...place }),
  event('response.image_generation_call.partial_image', {
    partial_image_index: count.describe('The number of the unfinished image.'),
    partial_image_b64: z.string().describe('The image in base64.'),
    size: z.string().optional().describe('Width and height.'),
    quality: z.string().optional().describe('How fine it is made.'),
    background: z.string().optional().describe('transparent or opaque.'),
    output_format: z.string().optional().describe('png, webp or jpeg.'),
    ...place,
  }),
  event(
    [
      'response.file_search_call.in_progress',
      'response.file_search_call.searching',
      'response.file_search_call.completed',
      'response.web_search_call.in_progress',
      'response.web_search_call.searching',
      'response.web_search_call.completed',
      'response.code_interpreter_call.in_progress',
      'response.code_interpreter_call.interpreting',
      'response.code_interpreter_call.completed',
      'response.image_generation_call.in_progress',
      'response.image_generation_call.generating',
      'response.image_generation_call.completed',
      'response.mcp_call.in_progress',
      'response.mcp_call.completed',
      'response.mcp_call.failed',
      'response.mcp_list_tools.in_progress',
      'response.mcp_list_tools.completed',
      'response.mcp_list_tools.failed',
    ],
    place,
  ).describe('How far a tool is that the platform or the provider runs.'),
] as const;

const shells = [
  event(['response.shell_call_command.added', 'response.shell_call_command.done'], {
    command: z.string().describe('The command.'),
    ...command,
  }),
  event('response.shell_call_command.delta', { ...piece, ...command }),
] as const;

/** The data of each event of a streamed response. */
export const responseEvent = z
  .discriminatedUnion('type', [
    life,
    items,
    parts,
    ...texts,
    ...thoughts,
    ...calls,
    ...shells,
    event('error', {
      code: z.string().nullish().describe('What it is.'),
      message: z.string().optional().describe('What it is, in words.'),
      param: z.string().nullish().describe('The member of the request that it is about.'),
      ...number,
    }).describe('The stream ends with a failure.'),
  ])
  .meta({
    id: 'ResponseEvent',
    description: 'An event of a response: its type says which. Further types of the provider may come.',
  });
