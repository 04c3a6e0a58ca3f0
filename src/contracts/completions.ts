import { z } from 'zod';
import { metadata } from './conversations.js';
import { listQuery } from './lists.js';
import { metadataPairs, refuseOtherFields } from './metadata-filter.js';

const pageQuery = listQuery.omit({ before: true }).extend({
  order: z.enum(['asc', 'desc']).default('asc').describe('By time of creation: asc shows the oldest first, desc the newest.'),
});

/** Which stored completions a list shows. Each `metadata[<key>]=<value>` leaves those that have this pair. */
export const listCompletionsQuery = pageQuery
  .extend({ model: z.string().max(512).optional().describe('Only completions of this published name.') })
  .catchall(z.unknown())
  .check((context) => refuseOtherFields(context, known))
  .describe('Which stored completions a list shows; metadata[key]=value leaves those that have this pair.');

const known = { limit: true, order: true, after: true, model: true } as const;

export type ListCompletionsQuery = z.infer<typeof listCompletionsQuery>;

/** The pairs by which a list is filtered. */
export function metadataFilter(query: ListCompletionsQuery): Readonly<Record<string, string>> {
  return metadataPairs(query);
}

export const listCompletionMessagesQuery = pageQuery.describe('Which messages of a stored completion a list shows.');

export type ListCompletionMessagesQuery = z.infer<typeof listCompletionMessagesQuery>;

/** `POST /chat/completions/{id}`: nothing else of a stored completion changes. */
export const updateCompletionRequest = z
  .strictObject({ metadata: metadata.nullable().describe('At most 16 pairs of short texts, replaced as a whole.') })
  .describe('What changes in a stored completion.')
  .meta({ examples: [{ metadata: { project: 'atlas' } }] });

export const deletedCompletion = z
  .object({ id: z.string(), object: z.literal('chat.completion.deleted'), deleted: z.literal(true) })
  .describe('The answer to the deletion of a stored completion.');
