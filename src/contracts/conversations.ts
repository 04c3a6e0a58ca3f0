import { z } from 'zod';
import { listOf, listQuery } from './lists.js';

/** OpenAI's metadata: at most 16 pairs of short texts. */
export const metadata = z
  .record(
    z.string().max(64, 'keys may have at most 64 characters'),
    z.string().max(512, 'values may have at most 512 characters'),
  )
  .refine((pairs) => Object.keys(pairs).length <= 16, 'may hold at most 16 pairs');

const title = z.string().max(500);

/** An item as a client gives it; what its type asks for is judged by the module (item-form.ts). */
const inputItem = z.looseObject({ type: z.string().max(64).nullish() });

/** At most this many items come with one call. */
const items = z.array(inputItem).max(20, 'may hold at most 20 items');

/** `POST /conversations`: OpenAI's body, and GT's `{model, title}`. */
export const createConversationRequest = z.strictObject({
  items: items.nullish(),
  metadata: metadata.nullish(),
  /** A published name that the key may use for chat. */
  model: z.string().min(1).max(256).nullish(),
  title: title.nullish(),
});

/** `POST /conversations/{id}`: one of them at least. Metadata is replaced as a whole. */
export const updateConversationRequest = z.strictObject({ metadata: metadata.nullish(), title: title.nullish() });

export const createItemsRequest = z.strictObject({ items });

const include = z.union([z.string().max(256), z.array(z.string().max(256)).max(20)]).optional();

/** OpenAI's `include` is accepted; items are always shown as they are stored. The SDKs write it with brackets. */
export const itemQuery = z.strictObject({ include, 'include[]': include });

export const listItemsQuery = listQuery.extend(itemQuery.shape);

export type InputItem = z.infer<typeof inputItem>;

/** A conversation: OpenAI's members, and GT's `title` and `model` (contract section 10). */
export const conversationObject = z.object({
  id: z.string(),
  object: z.literal('conversation'),
  created_at: z.number().int(),
  metadata: z.record(z.string(), z.string()),
  title: z.string().nullable(),
  model: z.string().nullable(),
});

export type ConversationObject = z.infer<typeof conversationObject>;

export const conversationList = listOf(conversationObject);

export const conversationItem = z.looseObject({ id: z.string(), type: z.string() });

/** Items in OpenAI's list: the ids of an empty page are empty texts there, never null. */
export const conversationItemList = listOf(conversationItem).extend({ first_id: z.string(), last_id: z.string() });

export type ConversationItemList = z.infer<typeof conversationItemList>;

export const deletedConversation = z.object({
  id: z.string(),
  object: z.literal('conversation.deleted'),
  deleted: z.literal(true),
});
