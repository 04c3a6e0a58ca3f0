import { z } from 'zod';
import { createdAt } from './times.js';
import { listOf, listQuery } from './lists.js';

/** OpenAI's metadata: at most 16 pairs of short texts. */
export const metadata = z
  .record(
    z.string().max(64, 'keys may have at most 64 characters'),
    z.string().max(512, 'values may have at most 512 characters'),
  )
  .refine((pairs) => Object.keys(pairs).length <= 16, 'may hold at most 16 pairs');

/** The same in texts that the database can hold as JSON. */
export const wholeMetadata = metadata.refine(
  (pairs) => !/\p{Cs}/u.test(Object.entries(pairs).flat().join(' ')),
  'holds half of a character',
);

const title = z.string().max(500);

/** An item as a client gives it; what its type asks for is judged by the module (item-form.ts). */
const inputItem = z.looseObject({ type: z.string().max(64).nullish().describe('The type of the item, by default message.') });

/** At most this many items come with one call. */
const items = z.array(inputItem).max(20, 'may hold at most 20 items');

const words = {
  metadata: 'At most 16 pairs of short texts, replaced as a whole.',
  title: 'What people call the conversation.',
};

/** `POST /conversations`: OpenAI's body, and GT's `{model, title}`. */
export const createConversationRequest = z
  .strictObject({
    items: items.nullish().describe('The first items of the conversation.'),
    metadata: metadata.nullish().describe(words.metadata),
    model: z
      .string()
      .min(1)
      .max(256)
      .nullish()
      .describe('The published name that the conversation uses. The key must be allowed to chat with it.'),
    title: title.nullish().describe(words.title),
  })
  .describe('A conversation that is to be made. Every field may be left out.');

/** `POST /conversations/{id}`: one of them at least. Metadata is replaced as a whole. */
export const updateConversationRequest = z
  .strictObject({ metadata: metadata.nullish().describe(words.metadata), title: title.nullish().describe(words.title) })
  .check(({ value, issues }) => {
    if (value.metadata === undefined && value.title === undefined)
      issues.push({ code: 'invalid_type', expected: 'object', input: undefined, path: ['metadata'] });
  })
  .describe('What changes in a conversation; one field at least.')
  .meta({ examples: [{ metadata: { project: 'atlas' } }] });

export const createItemsRequest = z
  .strictObject({ items: items.describe('The items to append, at most 20.') })
  .describe('Items that are appended to a conversation.')
  .meta({ examples: [{ items: [{ type: 'message', role: 'user', content: 'Hello' }] }] });

const include = z
  .union([z.string().max(256), z.array(z.string().max(256)).max(20)])
  .optional()
  .describe('Accepted for the sake of OpenAI clients; it changes nothing.');

/** OpenAI's `include` is accepted; items are always shown as they are stored. The SDKs write it with brackets. */
export const itemQuery = z.strictObject({ include, 'include[]': include }).describe('The query of a single item.');

export const listItemsQuery = listQuery.extend(itemQuery.shape).describe('Which items a list shows.');

export type InputItem = z.infer<typeof inputItem>;

/** A conversation: OpenAI's members, and GT's `title` and `model` (contract section 10). */
export const conversationObject = z
  .object({
    id: z.string(),
    object: z.literal('conversation'),
    created_at: createdAt,
    metadata: z.record(z.string(), z.string()),
    title: z.string().nullable().describe('What people call it; null when nobody named it.'),
    model: z.string().nullable().describe('The published name that it uses; null when none is set.'),
  })
  .meta({ id: 'Conversation', description: 'A stored conversation.' });

export type ConversationObject = z.infer<typeof conversationObject>;

export const conversationList = listOf(conversationObject);

export const deletedConversation = z
  .object({
    id: z.string(),
    object: z.literal('conversation.deleted'),
    deleted: z.literal(true),
  })
  .describe('The answer to the deletion of a conversation.');
