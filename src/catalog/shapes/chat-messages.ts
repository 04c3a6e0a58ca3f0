import { z } from 'zod';
import { cacheBreakpoint } from './common.js';

const mark = { prompt_cache_breakpoint: cacheBreakpoint };

const textPart = z
  .looseObject({ type: z.literal('text').describe('A text.'), text: z.string().describe('The text.'), ...mark })
  .meta({ id: 'ChatTextPart', description: 'A part that is text.' });

const imagePart = z
  .looseObject({
    type: z.literal('image_url').describe('An image.'),
    image_url: z
      .looseObject({
        url: z.string().describe('Its address, or the image itself as a data URL.'),
        detail: z.string().optional().describe('How closely it is looked at: auto, low or high.'),
      })
      .describe('Where the image is.'),
    ...mark,
  })
  .describe('A part that is an image.');

const audioPart = z
  .looseObject({
    type: z.literal('input_audio').describe('A recording.'),
    input_audio: z
      .looseObject({
        data: z.string().describe('The recording in base64.'),
        format: z.string().describe('Its format: wav or mp3.'),
      })
      .describe('The recording.'),
    ...mark,
  })
  .describe('A part that is a recording.');

const filePart = z
  .looseObject({
    type: z.literal('file').describe('A file.'),
    file: z
      .looseObject({
        file_id: z.string().optional().describe('A file of the platform that the key may read.'),
        filename: z.string().optional().describe('The name of the file.'),
        file_data: z.string().optional().describe('The file itself as a data URL.'),
      })
      .describe('By its id, or as bytes.'),
    ...mark,
  })
  .describe('A part that is a file.');

const refusalPart = z
  .looseObject({
    type: z.literal('refusal').describe('A refusal.'),
    refusal: z.string().describe('What the model said instead.'),
  })
  .describe('A part in which the model refused.');

const texts = z.union([z.string(), z.array(textPart).min(1)]).describe('A text, or a list of texts.');
const name = z.string().optional().describe('Who it is, where several have this role.');

/** A call of a function, and one of a tool whose input is text. */
export const toolCall = z
  .discriminatedUnion('type', [
    z.looseObject({
      type: z.literal('function').describe('A function.'),
      id: z.string().describe('By this id the result names the call.'),
      function: z
        .looseObject({ name: z.string().describe('Its name.'), arguments: z.string().describe('Its arguments, in JSON.') })
        .describe('Which function is called, with what.'),
    }),
    z.looseObject({
      type: z.literal('custom').describe('A tool that takes text.'),
      id: z.string().describe('By this id the result names the call.'),
      custom: z
        .looseObject({ name: z.string().describe('Its name.'), input: z.string().describe('The text.') })
        .describe('Which tool is called, with what.'),
    }),
  ])
  .meta({ id: 'ChatToolCall', description: 'A call of a tool by the model.' });

/** The older form of a call, of which a message has one. */
export const functionCall = z
  .looseObject({
    name: z.string().describe('The name of the function.'),
    arguments: z.string().describe('Its arguments, in JSON.'),
  })
  .describe('A call in the older form.');

const system = z
  .looseObject({
    role: z.enum(['system', 'developer']).describe('Instructions for the model.'),
    content: texts,
    name,
  })
  .describe('Instructions. At the beginning of a request they come before the history of a conversation.');

const asked = z
  .looseObject({
    role: z.literal('user').describe('The person who asks.'),
    content: z
      .union([z.string(), z.array(z.discriminatedUnion('type', [textPart, imagePart, audioPart, filePart])).min(1)])
      .describe('A text, or a list of parts.'),
    name,
  })
  .describe('What a person says.');

const answered = z
  .looseObject({
    role: z.literal('assistant').describe('The model.'),
    content: z
      .union([z.string(), z.array(z.discriminatedUnion('type', [textPart, refusalPart]))])
      .nullish()
      .describe('What it said. It may be absent beside calls.'),
    refusal: z.string().nullish().describe('What it said in place of an answer.'),
    name,
    audio: z
      .looseObject({ id: z.string().describe('The id of the recording.') })
      .nullish()
      .describe('A former answer that was spoken.'),
    tool_calls: z.array(toolCall).optional().describe('The tools that it called.'),
    function_call: functionCall.nullish().describe('The function that it called, in the older form.'),
  })
  .describe('What the model answered before.');

const result = z
  .looseObject({
    role: z.literal('tool').describe('A tool.'),
    tool_call_id: z.string().describe('The call that this is the result of.'),
    content: texts,
  })
  .describe('The result of a call.');

const functionResult = z
  .looseObject({
    role: z.literal('function').describe('A function.'),
    name: z.string().describe('The name of the function.'),
    content: z.string().nullable().describe('Its result.'),
  })
  .describe('The result of a call in the older form.');

export const chatMessage = z
  .discriminatedUnion('role', [system, asked, answered, result, functionResult])
  .meta({ id: 'ChatMessage', description: 'A message of a chat.' });

/** A text or a list of texts, as a prediction has it. */
export const predictedText = texts;
