import { z } from 'zod';
import { inputContent } from './response-content.js';
import { functions } from './response-items/functions.js';
import { machines } from './response-items/machines.js';
import { mcp } from './response-items/mcp.js';
import { messages } from './response-items/messages.js';
import { searches } from './response-items/searches.js';
import { shells } from './response-items/shells.js';

/** An item of a response or a conversation. */
export const responseItem = z
  .discriminatedUnion('type', [...messages, ...functions, ...searches, ...machines, ...shells, ...mcp])
  .meta({ id: 'ResponseItem', description: 'An item: something said, thought, called or answered.' });

/** An item as a request gives it: also a message without a type, a reference, and the wish for a compaction. */
export const inputItem = z
  .union([
    responseItem,
    z
      .looseObject({
        type: z.literal('message').optional().describe('A message; it may be left out.'),
        role: z.string().describe('Who speaks: user, system, developer or assistant.'),
        content: z.union([z.string(), inputContent]).describe('What is said: a text, or parts.'),
        phase: z.string().nullish().describe('Of an answer: commentary or final_answer.'),
      })
      .describe('A message without a type.'),
    z
      .looseObject({
        type: z.literal('item_reference').nullish().describe('A reference.'),
        id: z.string().describe("The id of an item of the key's kept responses."),
      })
      .describe('Stands for an item that the platform has.'),
    z
      .looseObject({ type: z.literal('compaction_trigger').describe('The last item of an input.') })
      .describe('Asks for a compaction in place of an answer.'),
  ])
  .meta({ id: 'ResponseInputItem', description: 'An item that is given.' });
