import { z } from 'zod';
import { messagePart, reasoningText, summaryText } from '../response-content.js';
import { createdBy, id, item, status } from './item.js';

/** What is said and thought. */
export const messages = [
  item('message', 'Something that was said.', {
    id,
    status,
    role: z.string().describe('Who speaks: user, system, developer or assistant.'),
    content: z.union([z.string(), z.array(messagePart)]).describe('What is said: a text, or parts.'),
    phase: z.string().nullish().describe('Of an answer: commentary or final_answer.'),
  }),
  item('reasoning', 'What a model thought.', {
    id,
    status,
    summary: z.array(summaryText).describe('A summary of it.'),
    content: z.array(reasoningText).optional().describe('The thoughts themselves, where the provider shows them.'),
    encrypted_content: z.string().nullish().describe('The thoughts sealed, to be given back with the next request.'),
  }),
  item('compaction', 'A conversation so far, made short.', {
    id,
    encrypted_content: z.string().describe('It is sealed.'),
    created_by: createdBy,
  }),
] as const;
