import { z } from 'zod';
import { cacheBreakpoint, count } from './common.js';

const text = z.string().describe('The text.');
const mark = { prompt_cache_breakpoint: cacheBreakpoint };
const fileId = z.string().nullish().describe('A file of the platform that the key may read.');

const annotation = z
  .looseObject({
    type: z.string().describe('file_citation, url_citation, container_file_citation or file_path.'),
    file_id: z.string().optional().describe('The file.'),
    filename: z.string().optional().describe('Its name.'),
    container_id: z.string().optional().describe('The container that the file is in.'),
    index: count.optional().describe('Where in the text it is named.'),
    url: z.string().optional().describe('The address of the page.'),
    title: z.string().optional().describe('The title of the page.'),
    start_index: count.optional().describe('Where in the text it begins.'),
    end_index: count.optional().describe('Where it ends.'),
  })
  .meta({ id: 'ResponseAnnotation', description: 'What a passage of a text rests on.' });

const bytes = z.array(z.number().int()).optional().describe('Its bytes in UTF-8.');
const logprob = z.number().describe('The logarithm of its probability.');

export const responseLogprobs = z
  .array(
    z.looseObject({
      token: z.string().describe('The token.'),
      logprob,
      bytes,
      top_logprobs: z
        .array(z.looseObject({ token: z.string().optional().describe('A token.'), logprob: logprob.optional(), bytes }))
        .optional()
        .describe('The likeliest tokens in its place.'),
    }),
  )
  .describe('How likely the tokens were.');

const inputText = z
  .looseObject({ type: z.literal('input_text').describe('A text.'), text, ...mark })
  .describe('A text that is given.');

const inputImage = z
  .looseObject({
    type: z.literal('input_image').describe('An image.'),
    image_url: z.string().nullish().describe('Its address, or the image itself as a data URL.'),
    file_id: fileId,
    detail: z.string().nullish().describe('How closely it is looked at: auto, low, high or original.'),
    ...mark,
  })
  .describe('An image that is given.');

const inputFile = z
  .looseObject({
    type: z.literal('input_file').describe('A file.'),
    file_id: fileId,
    filename: z.string().nullish().describe('The name of the file.'),
    file_data: z.string().nullish().describe('The file itself as a data URL.'),
    file_url: z.string().nullish().describe('Its address.'),
    detail: z.string().nullish().describe('How closely its pages are looked at: auto, low or high.'),
    ...mark,
  })
  .describe('A file that is given.');

/** What a request gives beside plain texts. */
export const inputContent = z
  .array(z.discriminatedUnion('type', [inputText, inputImage, inputFile]))
  .describe('Parts: texts, images and files.');

/** The result of a tool: a text, or parts. */
export const toolOutput = z.union([z.string(), inputContent]).describe('The result: a text, or parts.');

const outputText = z
  .looseObject({
    type: z.literal('output_text').describe('An answer.'),
    text,
    annotations: z.array(annotation).optional().describe('What it rests on.'),
    logprobs: responseLogprobs.nullish(),
  })
  .describe('A text of the model.');

const refusal = z
  .looseObject({
    type: z.literal('refusal').describe('A refusal.'),
    refusal: z.string().describe('What the model said instead.'),
  })
  .describe('A part in which the model refused.');

export const summaryText = z
  .looseObject({ type: z.literal('summary_text').describe('A summary.'), text })
  .describe('A part of a summary.');

export const reasoningText = z
  .looseObject({ type: z.literal('reasoning_text').describe('A thought.'), text })
  .describe('What the model thought.');

/** A picture of a screen, which a computer call gives back. */
export const screenshot = z
  .looseObject({
    type: z.literal('computer_screenshot').describe('A picture of the screen.'),
    image_url: z.string().nullish().describe('Its address, or the picture itself as a data URL.'),
    file_id: fileId,
  })
  .describe('A picture of a screen.');

/** A part of a message, given or answered. */
export const messagePart = z
  .discriminatedUnion('type', [
    inputText,
    inputImage,
    inputFile,
    outputText,
    refusal,
    summaryText,
    reasoningText,
    screenshot,
    z.looseObject({ type: z.literal('text').describe('A text.'), text }),
  ])
  .meta({ id: 'ResponseContentPart', description: 'A part of a message.' });

export const outputPart = z
  .discriminatedUnion('type', [outputText, refusal, reasoningText])
  .meta({ id: 'ResponseOutputPart', description: 'A part of an answer.' });

export const responseAnnotation = annotation;
