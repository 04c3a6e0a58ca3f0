import { z } from 'zod';
import { listQuery } from './lists.js';

const include = z
  .union([z.string().max(256), z.array(z.string().max(256)).max(20)])
  .optional()
  .describe('Accepted for the sake of OpenAI clients; a stored response is always shown as it was answered.');

const flag = z.enum(['true', 'false']).optional();

/** The query of `GET /responses/{id}`. Only responses that run in the background can be streamed again. */
export const responseQuery = z
  .strictObject({
    include,
    'include[]': include,
    stream: flag.describe('Streams the events of a response that runs in the background.'),
    starting_after: z.coerce.number().int().optional().describe('The number behind which the stream begins.'),
    include_obfuscation: flag.describe('Accepted; events are not padded.'),
  })
  .describe('How a stored response is shown.');

export const listInputItemsQuery = listQuery
  .extend({ include, 'include[]': include })
  .describe('Which of the items that a request sent are listed.');

export const deletedResponse = z
  .object({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) })
  .describe('The answer to the deletion of a response.');
